// The map to move about in: Leaflet over our own GeoJSON and the page's own ground. Without this script the page
// shows the same as a drawing; nothing is fetched from elsewhere.

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
  geometry: { coordinates: [number, number] };
  properties: Properties;
}

const NAMED = 40; // own points beyond which names show only under the pointer
const LISTED = 60; // names that one ring's list holds

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

// Leaflet takes a string for HTML, an element for what it is.
function label(text: string): HTMLElement {
  const element = document.createElement("bdi");
  element.textContent = text;
  return element;
}

class Atlas {
  private readonly map: L.Map;
  private readonly size: number; // of rings: smaller on a phone
  private readonly place: (coordinates: [number, number]) => L.LatLng;

  constructor(
    private readonly figure: HTMLElement,
    drawing: SVGSVGElement,
    features: Feature[],
  ) {
    const [west = 0, north = 0, scale = 1, squeeze = 1] = (figure.dataset.frame ?? "").split(" ").map(Number);
    // The drawing's own coordinates, so that the ground and what lies on it stay together.
    this.place = ([longitude, latitude]) =>
      L.latLng((latitude - north) * scale, (longitude - west) * squeeze * scale);
    const { width, height } = drawing.viewBox.baseVal;
    const bounds = L.latLngBounds([-height, 0], [0, width]);
    const holder = document.createElement("div");
    drawing.replaceWith(holder);
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
    // The wheel scrolls the page until the reader has turned to the map.
    this.map.on("focus", () => this.map.scrollWheelZoom.enable());
    this.map.on("blur", () => this.map.scrollWheelZoom.disable());
    this.size = Math.max(0.6, Math.min(1, holder.clientWidth / 800));
    this.draw(features);
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

  private spot(feature: Feature, named: boolean): void {
    const about = feature.properties;
    const content = document.createElement("div");
    content.append(paragraph("", link(about)), ...(about.kind ? [paragraph("kind", about.kind)] : []));
    L.circleMarker(this.place(feature.geometry.coordinates), { radius: 6, className: "spot" })
      .bindTooltip(label(about.name), { direction: "right", offset: [6, 0], permanent: named })
      .bindPopup(content)
      .addTo(this.map);
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
    L.circleMarker(this.place(first.geometry.coordinates), {
      radius: this.size * Math.min(26, 9 + 2 * Math.sqrt(features.length)),
      className: "spot approximate",
    })
      .bindTooltip(String(features.length), { direction: "center", permanent: true, className: "number" })
      .bindPopup(content)
      .addTo(this.map);
  }
}

for (const figure of document.querySelectorAll<HTMLElement>("figure[data-geojson]")) {
  const drawing = figure.querySelector<SVGSVGElement>("svg.drawing");
  const response = await fetch(figure.dataset.geojson ?? "", {
    headers: { Accept: "application/geo+json" },
  });
  if (drawing && response.ok)
    new Atlas(figure, drawing, ((await response.json()) as { features: Feature[] }).features);
}
