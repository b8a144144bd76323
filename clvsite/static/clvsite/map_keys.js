/* The metric map by keyboard: one stop for Tab, arrow keys from box to box, the chosen box in view. */

const region = document.querySelector("[data-map]");
const boxes = region ? [...region.querySelectorAll(".node > a")] : [];

const middle = (box) => {
  const { x, y, width, height } = box.getBBox();
  return { x: x + width / 2, y: y + height / 2 };
};

/* How far a box lies from another in a direction; Infinity where it does not lie that way. */
const distance = (from, to, [right, down]) => {
  const [a, b] = [middle(from), middle(to)];
  const along = (b.x - a.x) * right + (b.y - a.y) * down;
  const aside = Math.abs((b.x - a.x) * down) + Math.abs((b.y - a.y) * right);
  return along > 1 ? along + 2 * aside : Infinity;
};

const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const stopAt = (chosen) => {
  for (const box of boxes) box.setAttribute("tabindex", box === chosen ? "0" : "-1");
};

if (boxes.length) {
  const first = region.querySelector("[aria-current]") ?? boxes[0];
  stopAt(first);
  if (middle(first).x > region.clientWidth * 0.9) {
    region.scrollLeft = middle(first).x - region.clientWidth / 2;
  }
  region.addEventListener("keydown", (event) => {
    const box = event.target.closest(".node > a");
    if (!box || !directions[event.key]) return;
    event.preventDefault();
    const way = directions[event.key];
    const nearest = boxes.reduce((best, next) =>
      distance(box, next, way) < distance(box, best, way) ? next : best);
    if (distance(box, nearest, way) < Infinity) {
      stopAt(nearest);
      nearest.focus();
    }
  });
}
