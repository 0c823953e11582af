// A task-list box saves as soon as it is clicked, as on GitHub; a text that changed meanwhile is not overwritten.
document.querySelectorAll(".markdown[data-tick]").forEach((text) => {
  text.querySelectorAll("input.task-box").forEach((box) => {
    box.disabled = text.dataset.may !== "yes";
    box.addEventListener("change", async () => {
      box.disabled = true;
      const form = new URLSearchParams({ box: box.dataset.box, version: text.dataset.version });
      const answer = await fetch(text.dataset.tick, { method: "POST", body: form });
      if (!answer.ok) alert("This comment has been edited since you loaded the page. It is loaded again now.");
      location.reload();
    });
  });
});
document.querySelectorAll(".markdown:not([data-tick]) input.task-box").forEach((box) => { box.disabled = true; });
