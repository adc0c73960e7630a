// Buttons that copy a text: <button data-copy="text">. Without the script they stay hidden by CSS.
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.dataset.copied = "true";
    setTimeout(() => delete button.dataset.copied, 1500);
  });
}
