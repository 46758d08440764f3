import { sniff } from './sniff.ts';

const ftyp = (brand: string) => Buffer.from(`\0\0\0\x1cftyp${brand}\0\0\0\0mif1`, 'latin1');

describe('sniff', () => {
  it.each([
    ['jpeg', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 'latin1')],
    ['png', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\r', 'latin1')],
    ['gif', Buffer.from('GIF87a\x01\0\x01\0\0\0', 'latin1')],
    ['gif', Buffer.from('GIF89a\x01\0\x01\0\0\0', 'latin1')],
    ['webp', Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1')],
    ['avif', ftyp('avif')],
    ['avif', ftyp('mif1')],
    ['avif', ftyp('avis')],
    ['heic', ftyp('heic')],
    ['heic', ftyp('heix')],
    ['heic', Buffer.from('\0\0\0\x18ftypqqqq\0\0\0\0qqqqheic', 'latin1')],
  ])('tells %s by its magic number', (format, bytes) => {
    expect(sniff(bytes)).toEqual({ kind: 'format', format });
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'UNSUPPORTED_FORMAT'],
    ['XML before SVG', '<?xml version="1.0"?><!DOCTYPE svg>', 'UNSUPPORTED_FORMAT'],
    ['TIFF', 'II*\0\x08\0\0\0\0\0\0\0', 'UNSUPPORTED_FORMAT'],
    ['big-endian TIFF', 'MM\0*\0\0\0\x08\0\0\0\0', 'UNSUPPORTED_FORMAT'],
    ['PDF', '%PDF-1.7\n%\xe2\xe3', 'UNSUPPORTED_FORMAT'],
    ['BMP', 'BM\0\0\0\0\0\0\0\0\0\0', 'UNSUPPORTED_FORMAT'],
    ['ELF', '\x7fELF\x02\x01\x01\0\0\0\0\0', 'UNSUPPORTED_FORMAT'],
    ['HTML', '<!DOCTYPE html><html>', 'UNSUPPORTED_FORMAT'],
    ['WAV, a RIFF as well', 'RIFF\0\0\0\0WAVEfmt ', 'UNSUPPORTED_FORMAT'],
    ['MP4', '\0\0\0\x18ftypmp42\0\0\0\0', 'UNSUPPORTED_FORMAT'],
    ['a film whose brands stand behind its box', '\0\0\0\x10ftypmp42\0\0\0\0heic', 'UNSUPPORTED_FORMAT'],
    ['ftyp without brands', '\0\0\0\x08ftyp', 'TRUNCATED_OR_CORRUPT'],
    ['words', 'hello world, I am a photograph', 'UNSUPPORTED_FORMAT'],
    ['one byte that begins nothing', 'x', 'UNSUPPORTED_FORMAT'],
    ['one byte that begins a JPEG', '\xff', 'TRUNCATED_OR_CORRUPT'],
    ['a PNG that ends in its signature', '\x89PNG\r', 'TRUNCATED_OR_CORRUPT'],
  ])('refuses %s', (_name, text, code) => {
    expect(sniff(Buffer.from(text, 'latin1'))).toEqual({ kind: 'reject', code });
  });
});
