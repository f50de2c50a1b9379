// Makes phone photos smaller before they travel: 5–12 MB become a few hundred KB. Without this the
// chosen files go as they are, by the button.
const LONGEST = 1600;
const WORTH_IT = 400_000;

for (const input of document.querySelectorAll("input[data-photos]")) {
  const button = input.form.querySelector("[data-photos-send] button");
  button.parentElement.hidden = true;
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    input.closest("label").querySelector("[data-photos-label]").textContent = input.dataset.busy;
    const carried = new DataTransfer();
    for (const file of input.files) carried.items.add(await smaller(file));
    input.files = carried.files;
    button.click();
  });
}

async function smaller(file) {
  if (file.size < WORTH_IT) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // a kind this browser cannot draw: the server reads it as it is
  }
}
