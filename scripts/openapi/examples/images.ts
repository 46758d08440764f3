import { imageId, type RouteExample, sha256 } from './values.ts';

const cdn = 'https://d111111abcdef8.cloudfront.net';
const version = '9f86d081884c';

const image = {
  imageId,
  status: 'READY',
  reason: null,
  filename: 'harbour.jpg',
  bytes: 3_145_728,
  format: 'jpeg',
  width: 4032,
  height: 3024,
  uploadedAt: '2026-11-24T08:00:12.000Z',
  updatedAt: '2026-11-24T08:00:14.250Z',
  dominantColour: '#6a7b8c',
  thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
  sha256,
  perceptualHash: 'c3d0f0e0b4b4f8fc',
  exif: { takenAt: '2026-11-23T16:21:09+01:00', make: 'Apple', model: 'iPhone 16', orientation: 6 },
  capture: {
    lens: 'iPhone 16 back dual wide camera 5.96mm f/1.6',
    exposureSeconds: 0.00416667,
    fNumber: 1.6,
    iso: 64,
    focalLength: 5.96,
    focalLength35: 26,
    flash: false,
  },
  credit: {
    title: null,
    caption: 'The harbour at dusk',
    creator: 'Ada Lovelace',
    copyright: '© 2026 Ada Lovelace',
    credit: null,
    keywords: ['harbour', 'boats'],
  },
  place: null,
  palette: ['#6a7b8c', '#243447', '#d9b48f'],
  look: { sharpness: 0.93, brightness: 0.41, exposure: 'normal' },
  focus: { x: 0.62, y: 0.48 },
  tags: [{ name: 'boat', score: 0.81 }],
  url: `${cdn}/i/${imageId}/${version}`,
  variants: [
    {
      url: `${cdn}/v/${imageId}/${version}/960-n.avif`,
      family: 'web',
      tier: 'n',
      format: 'avif',
      width: 960,
      height: 720,
      bytes: 71_204,
    },
  ],
};

const approved = {
  ...image,
  status: 'PROCESSING',
  url: null,
  variants: [],
  moderation: {
    verdict: 'review',
    scores: { drawing: 0.012, hentai: 0.003, neutral: 0.104, porn: 0.031, sexy: 0.85 },
    model: 'nsfwjs-mobilenet-v2-mid@4.4.0',
  },
};

export const imageExamples: Readonly<Record<string, RouteExample>> = {
  listImages: {
    query: { limit: 50, tag: 'boat', camera: 'iPhone 16', from: '2026-11-01', to: '2026-12-01T00:00:00+01:00' },
    answers: { 200: { images: [image], next: null } },
  },
  reviewImage: { params: { id: imageId }, body: { decision: 'approve' }, answers: { 200: approved } },
  getImage: { params: { id: imageId }, answers: { 200: image } },
  similarImages: {
    params: { id: imageId },
    query: { limit: 20 },
    answers: { 200: { similar: [{ distance: 3, image }], next: null } },
  },
  deleteImage: { params: { id: imageId }, answers: {} },
};
