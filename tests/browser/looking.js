// What a reader would see to be wrong with a page; tests/browser/test_seeing.py asks.
globalThis.looking = {
  // Text and controls beyond the window's edge, unless what they stand in can be moved; text that its box cuts.
  cut() {
    const edge = document.documentElement.clientWidth + 1;
    const isMovable = (element) => {
      for (; element; element = element.parentElement) if (/auto|scroll/.test(getComputedStyle(element).overflowX)) return true;
      return false;
    };
    const isHidden = (element) =>
      element.closest(".unseen, .skip, [hidden], [popover]:not(:popover-open)") !== null || !element.checkVisibility({ visibilityProperty: true });
    const faults = [];
    for (const element of document.querySelectorAll("body *")) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
      if (!hasText && !element.matches("input, select, button, img, textarea")) continue;
      if (isHidden(element) || isMovable(element)) continue;
      const box = element.getBoundingClientRect();
      const isClipped = getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1;
      if (box.width > 0 && (box.right > edge || box.left < -1 || isClipped)) {
        faults.push(`${element.tagName} ${element.getAttribute("class") ?? ""}: ${element.textContent.trim().slice(0, 60)}`);
      }
    }
    const { scrollWidth } = document.documentElement;
    return scrollWidth > edge ? [`the page is ${scrollWidth} wide`, ...faults] : faults;
  },

  // What leads through the site, where nobody can follow it.
  ways() {
    const ways = document.querySelectorAll("header.site, footer.site, form, .facets, .pager, .skip, button:not(.mark)");
    return [...ways].filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1).map(named);
  },

  // Letters that are too pale for white paper, where what lies behind them isn't printed either.
  faint() {
    const shown = [...document.querySelectorAll("main *")].filter(
      (element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "") &&
        element.checkVisibility({ visibilityProperty: true }) && element.closest("svg, .unseen") === null,
    );
    return shown.filter((element) => isPale(getComputedStyle(element).color) && !isGroundPrinted(element)).map(named);
  },

  // Headings that a page may end with: in a grid or a flex box they aren't kept with what follows.
  loose() {
    const headings = [...document.querySelectorAll("main section > header, main .statement > dt")];
    return headings
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { breakAfter, display } = getComputedStyle(element);
        return breakAfter !== "avoid" || display !== "block" || getComputedStyle(element.parentElement).display !== "block";
      })
      .map(named);
  },

  // Begin to note what gets the focus, and what looks the same with it and without.
  watch() {
    Object.assign(looking, { reached: [], unlit: new Set() });
    looking.wanted = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(
      (element) =>
        element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.tabIndex >= 0 &&
        element.closest("details:not([open]) > :not(summary)") === null,
    );
    document.addEventListener("focusin", ({ target }) => {
      looking.reached.push(target);
      target.lit = look(target);
    });
    document.addEventListener("focusout", ({ target }) => requestAnimationFrame(() => {
      if (look(target) === target.lit) looking.unlit.add(named(target));
    }));
    return looking.wanted.length;
  },

  missed: () => looking.wanted.filter((element) => !looking.reached.includes(element)).map(named),
  inOrder: () =>
    looking.reached.slice(0, looking.wanted.length).every((element, at, all) =>
      at === 0 || (all[at - 1].compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0),
};

function named(element) {
  return element.outerHTML.slice(0, 120);
}

function isPale(color) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => (one / 255) ** 2.2);
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) < 3;
}

function isGroundPrinted(element) {
  for (; element; element = element.parentElement) {
    const { backgroundColor, printColorAdjust } = getComputedStyle(element);
    if (backgroundColor !== "rgba(0, 0, 0, 0)") return printColorAdjust === "exact";
  }
  return false;
}

function look(element) {
  const own = getComputedStyle(element);
  const drawn = element.ownerSVGElement ? [...element.querySelectorAll("rect, circle, path, text")].map((one) => getComputedStyle(one)) : [];
  return [own, ...drawn].map((s) => [s.outlineStyle, s.outlineWidth, s.borderColor, s.fill, s.stroke, s.strokeWidth, s.textDecorationLine].join()).join();
}
