// A chart as PNG, for slides: the server's SVG drawn on a canvas of twice its size.

const SCALE = 2;

async function drawn(address: string): Promise<Blob> {
  const answer = await fetch(address);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth * SCALE;
  canvas.height = picture.naturalHeight * SCALE;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png");
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await drawn(button.dataset.png ?? ""));
    link.download = button.dataset.name ?? "picture.png";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
