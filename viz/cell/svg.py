"""The drawing of a cell as a file of its own, for a slide or a sheet of paper: light, whole, nothing dimmed."""

from xml.etree import ElementTree

from viz.figures import theme
from viz.figures.cell_drawing import Drawing, Element
from viz.figures.notation import Piece

NAMESPACE = "http://www.w3.org/2000/svg"
SHIFT = {"base": 0.0, "sub": 0.28, "sup": -0.42}  # of the letter's size
SMALL = 0.9  # size of raised and lowered letters
SIZES = {"title": 16, "value": 15.5, "token": 17, "sign": 17, "limit": 14, "note": 14}
BOLD = ("title", "value", "token", "sign", "total", "stage")


def to_svg(drawing: Drawing, label: str) -> bytes:
    """The drawing as SVG; ``label`` says in words what it shows. Tokens are escaped, whatever they look like."""
    size = {"viewBox": f"0 0 {drawing.width} {drawing.height}", "font-family": "sans-serif", "role": "img"}
    root = ElementTree.Element("svg", {"xmlns": NAMESPACE, **size})
    ElementTree.SubElement(root, "title").text = _without_controls(label)
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    for element in drawing.elements:
        attributes = {name: str(value) for name, value in (element.attributes | _look(element)).items()}
        if element.language:
            attributes["lang"] = element.language
        shape = ElementTree.SubElement(root, element.tag, attributes)
        at = 0.0
        for piece in element.pieces:
            at = _add_piece(shape, piece, at)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _look(element: Element) -> dict[str, str | float]:
    """What the style sheet of the page gives an element, in the light theme's colours."""
    role = element.role
    hue = theme.look(element.quantity).hue if element.quantity else theme.TEXT_LIGHT
    if element.tag == "text":
        is_ours = role in ("sign", "total", "stage", "token")
        colour = theme.TEXT_LIGHT if is_ours else hue
        return {"fill": colour, "font-size": SIZES.get(role, 15), "font-weight": 700 if role in BOLD else 400}
    if role in ("box", "node"):
        return {"fill": "#ffffff", "stroke": hue, "stroke-width": 1.5}
    if role == "frame":
        return {"fill": hue, "fill-opacity": 0.05, "stroke": hue, "stroke-dasharray": "2 4"}
    if role in ("arrow", "joint", "point", "bar total"):
        return {"fill": hue}
    if role == "bar":
        return {"fill": hue, "fill-opacity": 0.55, "stroke": hue}
    if role == "axis":
        return {"fill": "none", "stroke": theme.TEXT}
    if role == "thread":
        return {"fill": "none", "stroke": hue, "stroke-width": 1.2, "stroke-dasharray": "3 3"}
    return {"fill": "none", "stroke": hue, "stroke-width": 2}


def _add_piece(text: ElementTree.Element, piece: Piece, at: float) -> float:
    """Append a stretch of text; returns how far it stands from the line."""
    scale = 1 if piece.level == "base" else SMALL
    part = ElementTree.SubElement(text, "tspan", {} if scale == 1 else {"font-size": f"{scale}em"})
    if SHIFT[piece.level] != at:
        part.set("dy", f"{(SHIFT[piece.level] - at) / scale:.3f}em")
    part.text = _without_controls(piece.text)
    return SHIFT[piece.level]


def _without_controls(text: str) -> str:
    """XML knows no control characters; what a person can type has none that mean anything here."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\u200c\u200d")
