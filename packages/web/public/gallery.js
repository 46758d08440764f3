// The gallery: what GET /images lists, as the CDN serves it. No build step and no dependency.
const byId = (id) => document.getElementById(id);

/** How often the list is read again while something is still being developed, in milliseconds. */
const REFRESH_MS = 1500;
const PAGE_SIZE = 60;

const config = await (await fetch('/config.json')).json();
let next = null;
const shown = new Map();

const readImages = async (cursor) => {
  const url = new URL('/images', config.api);
  url.searchParams.set('limit', String(PAGE_SIZE));
  if (cursor) url.searchParams.set('cursor', cursor);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${config.token}` } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body;
};

/** The one address of an image; the edge picks the format, we ask for a width. */
const address = (image, width) => `${image.url}?w=${width}${byId('low').checked ? '&t=l' : ''}`;

const size = (bytes) =>
  bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

const label = (image) => image.filename ?? image.imageId;

const statusText = (image) => {
  if (image.reason) return `${image.status}: ${image.reason.message}`;
  if (image.status !== 'READY') return 'Being developed…';
  return `${image.width} × ${image.height}, ${size(image.bytes)} original`;
};

const paint = (item, image) => {
  const picture = item.querySelector('img');
  const frame = item.querySelector('.frame');
  frame.style.backgroundColor = image.dominantColour ?? '';
  if (image.url) {
    picture.srcset = [320, 640].map((width) => `${address(image, width)} ${width}w`).join(', ');
    picture.sizes = '(max-width: 30rem) 45vw, 12rem';
    picture.src = address(image, 320);
  }
  picture.hidden = !image.url;
  item.querySelector('.name').textContent = label(image);
  const status = item.querySelector('.status');
  status.textContent = statusText(image);
  status.classList.toggle('bad', Boolean(image.reason));
  item.querySelector('.open').setAttribute('aria-label', `${label(image)}: ${statusText(image)}`);
};

const cell = (row, text) => {
  row.insertCell().textContent = text;
};

const open = (image) => {
  byId('viewer-title').textContent = label(image);
  const picture = byId('viewer-image');
  picture.hidden = !image.url;
  if (image.url) picture.src = address(image, 1280);
  picture.alt = label(image);
  const facts = {
    Status: statusText(image),
    Camera: [image.exif?.make, image.exif?.model].filter(Boolean).join(' '),
    Taken: image.exif?.takenAt,
    Id: image.imageId,
    Address: image.url,
  };
  byId('viewer-facts').replaceChildren(
    ...Object.entries(facts)
      .filter(([, value]) => value)
      .flatMap(([name, value]) => {
        const term = document.createElement('dt');
        const detail = document.createElement('dd');
        term.textContent = name;
        detail.textContent = value;
        return [term, detail];
      }),
  );
  const rows = byId('viewer-variants');
  rows.replaceChildren();
  for (const variant of image.variants) {
    const row = rows.insertRow();
    const link = document.createElement('a');
    link.href = variant.url;
    link.textContent = `${variant.family} ${variant.format} ${variant.tier === 'l' ? '(low)' : ''}`;
    row.insertCell().append(link);
    cell(row, `${variant.width} × ${variant.height}`);
    cell(row, size(variant.bytes));
  }
  byId('viewer').showModal();
};

const place = (image, atEnd) => {
  const known = shown.get(image.imageId);
  if (known && JSON.stringify(known.image) === JSON.stringify(image)) return;
  const item = known?.item ?? byId('card').content.firstElementChild.cloneNode(true);
  const entry = { item, image };
  shown.set(image.imageId, entry);
  paint(item, image);
  item.querySelector('.open').onclick = () => open(entry.image);
  if (known) return;
  if (atEnd) byId('gallery').append(item);
  else byId('gallery').prepend(item);
};

const summarise = () => {
  const counts = Object.groupBy(shown.values(), ({ image }) => image.status);
  const parts = Object.entries(counts).map(([status, of]) => `${of.length} ${status.toLowerCase()}`);
  byId('summary').textContent = parts.length ? parts.join(', ') : 'No images';
  byId('empty').hidden = shown.size > 0;
  byId('more').hidden = next === null;
};

const refresh = async () => {
  const first = shown.size === 0;
  try {
    const page = await readImages(null);
    // Newest first from the API; on later reads new ones go on top, so they are placed oldest first.
    for (const image of first ? page.images : page.images.toReversed()) place(image, first);
    if (first) next = page.next;
    summarise();
  } catch (error) {
    byId('summary').textContent = `The images cannot be listed: ${error.message}`;
  }
  setTimeout(refresh, REFRESH_MS);
};

byId('more').onclick = async () => {
  const page = await readImages(next);
  for (const image of page.images) place(image, true);
  next = page.next;
  summarise();
};
byId('low').onchange = () => {
  for (const { item, image } of shown.values()) paint(item, image);
};

await refresh();
