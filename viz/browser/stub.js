const loading = import(new URL("MODULE", document.baseURI).href).catch(() => null);
const newest = new WeakMap();
export default async function (component) {
  const place = component.parentElement;
  const isNewest = () => newest.get(place) === component;
  newest.set(place, component);
  const module = await loading;
  if (module && isNewest()) module.draw(component);
  if (module) return () => isNewest() && module.leave?.(component);
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  said.textContent = "This part of the page could not be loaded. Load the page again.";
  place.replaceChildren(said);
}
