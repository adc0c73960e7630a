// The interactive map: Leaflet with our own GeoJSON and the page's own base map. Without this script the page shows the
// same as a drawing; nothing is fetched from other sites.

import * as L from "leaflet";
import "leaflet/dist/leaflet.css";

interface Properties {
  name: string;
  language: string;
  kind: string | null;
  page: string;
  approximate: boolean;
  within: { iri: string; name: string; page: string } | null;
}
interface Feature {
  id: string;
  geometry: { coordinates: [number, number] };
  properties: Properties;
}

// How far signs are moved from their places, to the right and down: at the first size of the map and at every doubling.
type Shifts = Readonly<Record<string, [number, number]>>[];
interface Collection {
  features: Feature[];
  apart: { wide: Shifts; narrow: Shifts };
}

const NAMED = 40; // own points beyond which names show only under the pointer
const LISTED = 60; // names that one ring's list holds
const NARROW = 0.7; // the share of its own size below which the drawing is shown on a narrow map

function link(to: { name: string; page: string; language?: string }): HTMLAnchorElement {
  const element = document.createElement("a");
  element.href = to.page;
  if (to.language && to.language !== document.documentElement.lang) element.lang = to.language;
  const name = document.createElement("bdi");
  name.textContent = to.name;
  element.append(name);
  return element;
}

function paragraph(name: string, ...content: (Node | string)[]): HTMLParagraphElement {
  const element = document.createElement("p");
  element.className = name;
  element.append(...content);
  return element;
}

// Leaflet would read a string as HTML, so texts are given as elements.
function label(text: string): HTMLElement {
  const element = document.createElement("bdi");
  element.textContent = text;
  return element;
}

class Atlas {
  private readonly map: L.Map;
  private readonly scale: number; // of the drawing as it is shown whole
  private readonly isNarrow: boolean;
  private readonly size: number; // of rings, and of points
  private readonly point: number;
  private readonly beginning: number; // the zoom that shows the drawing whole
  private readonly shifts: Shifts;
  private readonly moving: (() => void)[] = [];
  private readonly place: (coordinates: [number, number]) => L.LatLng;

  constructor(
    private readonly figure: HTMLElement,
    drawing: SVGSVGElement,
    { features, apart }: Collection,
  ) {
    const [west = 0, north = 0, scale = 1, squeeze = 1] = (figure.dataset.frame ?? "").split(" ").map(Number);
    // The drawing's own coordinates, so that the ground and what lies on it stay together.
    this.place = ([longitude, latitude]) =>
      L.latLng((latitude - north) * scale, (longitude - west) * squeeze * scale);
    const { width, height } = drawing.viewBox.baseVal;
    const bounds = L.latLngBounds([-height, 0], [0, width]);
    const holder = document.createElement("div");
    drawing.replaceWith(holder);
    holder.parentElement?.removeAttribute("tabindex"); // the map itself is reached by the keyboard
    figure.querySelector(".begun")?.remove();
    this.map = L.map(holder, {
      crs: L.CRS.Simple,
      minZoom: -2,
      maxZoom: 5,
      zoomSnap: 0.25,
      maxBounds: bounds.pad(0.5),
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
    });
    const [closer = "", farther = ""] = [figure.dataset.closer, figure.dataset.farther];
    L.control.zoom({ zoomInTitle: closer, zoomOutTitle: farther }).addTo(this.map);
    drawing.querySelector(".spots")?.remove();
    L.svgOverlay(drawing, bounds).addTo(this.map);
    this.map.fitBounds(bounds);
    // The wheel scrolls the page until the reader has clicked or focused the map.
    this.map.on("focus", () => this.map.scrollWheelZoom.enable());
    this.map.on("blur", () => this.map.scrollWheelZoom.disable());
    this.beginning = this.map.getZoom();
    this.scale = 2 ** this.beginning;
    this.isNarrow = this.scale < NARROW;
    // On a narrow map the names of regions would be too small to be read, and be covered by rings.
    figure.classList.toggle("narrow", this.isNarrow);
    const sizes = (this.isNarrow ? figure.dataset.narrow : figure.dataset.wide) ?? "";
    const [ring = 1, point = 5] = sizes.split(" ").map(Number);
    [this.size, this.point] = [ring * this.scale, point * this.scale];
    this.shifts = this.isNarrow ? apart.narrow : apart.wide;
    this.draw(features);
    // The larger the scale, the less signs must be moved.
    this.map.on("zoomend", () => {
      for (const move of this.moving) move();
    });
  }

  private draw(features: Feature[]): void {
    const rings = new Map<string, Feature[]>();
    const own: Feature[] = [];
    for (const feature of features) {
      const within = feature.properties.within;
      if (within) rings.set(within.iri, [...(rings.get(within.iri) ?? []), feature]);
      else own.push(feature);
    }
    for (const ring of [...rings.values()].sort((a, b) => b.length - a.length)) this.ring(ring);
    for (const feature of own) this.spot(feature, own.length <= NAMED);
  }

  /** Put a sign where it lies on no other, with a line to its place. */
  private put(marker: L.CircleMarker, feature: Feature): void {
    const own = this.place(feature.geometry.coordinates);
    const sign = feature.properties.within?.iri ?? feature.id;
    const at = () => {
      const level = Math.max(0, Math.floor(this.map.getZoom() - this.beginning));
      const [right, down] = this.shifts[level]?.[sign] ?? [0, 0];
      return L.latLng(own.lat - down, own.lng + right);
    };
    marker.setLatLng(at());
    if (!at().equals(own)) {
      const line = L.polyline([own, at()], { className: "leader", interactive: false }).addTo(this.map);
      line.bringToBack();
      this.moving.push(() => {
        marker.setLatLng(at());
        line.setLatLngs([own, at()]);
      });
    }
    marker.addTo(this.map);
  }

  private spot(feature: Feature, named: boolean): void {
    const about = feature.properties;
    const content = document.createElement("div");
    content.append(paragraph("", link(about)), ...(about.kind ? [paragraph("kind", about.kind)] : []));
    const marker = L.circleMarker([0, 0], { radius: this.point, className: "spot" })
      .bindTooltip(label(about.name), { direction: "right", offset: [6, 0], permanent: named })
      .bindPopup(content);
    this.put(marker, feature);
  }

  private ring(features: Feature[]): void {
    const first = features[0];
    if (!first?.properties.within) return;
    const content = document.createElement("div");
    content.append(
      paragraph("", link(first.properties.within)),
      paragraph("legend", this.figure.dataset.approximate ?? ""),
    );
    for (const feature of features.slice(0, LISTED)) content.append(paragraph("", link(feature.properties)));
    if (features.length > LISTED) content.append(paragraph("legend", "…"));
    const marker = L.circleMarker([0, 0], {
      radius: this.size * Math.min(26, 9 + 2 * Math.sqrt(features.length)),
      className: "spot approximate",
    })
      .bindTooltip(String(features.length), { direction: "center", permanent: true, className: "number" })
      .bindPopup(content);
    this.put(marker, first);
  }
}

for (const figure of document.querySelectorAll<HTMLElement>("figure[data-geojson]")) {
  const drawing = figure.querySelector<SVGSVGElement>("svg.drawing");
  const response = await fetch(figure.dataset.geojson ?? "", {
    headers: { Accept: "application/geo+json" },
  });
  if (drawing && response.ok) new Atlas(figure, drawing, (await response.json()) as Collection);
}
