// In a column of scores, Enter and the arrows go from row to row: a class is typed without touching the mouse.

document.querySelectorAll("[data-scores]").forEach((table) => {
  table.addEventListener("keydown", (event) => {
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.tagName !== "INPUT") return;
    const inputs = [...table.querySelectorAll("input")];
    const next = inputs[inputs.indexOf(event.target) + step];
    if (event.key === "Enter" || next) event.preventDefault(); // Enter in the last row does not send the form unasked
    next?.focus();
    next?.select();
  });
});
