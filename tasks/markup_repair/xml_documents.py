"""XML documents: feeds, settings, envelopes, builds, property lists, catalogues, articles, tracks."""

from __future__ import annotations

from collections.abc import Callable

from tasks.markup_repair.elements import Element, Raw, drawn_style, tag, written
from tasks.markup_repair.words import Scribe

Kind = Callable[[Scribe], Element]
Content = Element | Raw | str


def document(scribe: Scribe, root: Element) -> str:
    """Returns the root with what may stand before and behind it."""
    style = drawn_style(scribe.rng, html=False)
    newline = "" if style.indent is None else "\n"
    before = scribe.one('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0"?>',
                        "<?xml version='1.0' encoding='utf-8' standalone='yes'?>", "")
    if scribe.maybe(0.08):
        before += newline + f'<?xml-stylesheet type="text/xsl" href="{scribe.slug()}.xsl"?>'
    if scribe.maybe(0.12):
        before += newline + f"<!-- {scribe.sentence()} -->"
    return before + (newline if before else "") + written(root, style) + scribe.one("", "\n")


def cdata(scribe: Scribe) -> Raw:
    markup = f"<p>{scribe.sentence()} <b>{scribe.noun()}</b> & more</p>"
    program = f"if (a < {scribe.number()} && b) {{ {scribe.noun()}(); }}"
    return Raw(f"<![CDATA[{scribe.one(markup, program)}]]>")


def text(scribe: Scribe) -> Content:
    return scribe.one(scribe.sentence(), scribe.sentence(), scribe.title(), scribe.foreign(),
                      f"{scribe.noun()} & {scribe.noun()}", f"{scribe.number()} < {scribe.number()}",
                      scribe.spoken(), Raw(f"{scribe.noun()} &#169; {scribe.noun()} &quot;{scribe.noun()}&quot;"),
                      cdata(scribe))


def note(scribe: Scribe, share: float = 0.15) -> tuple[Raw, ...]:
    return (Raw(f"<!-- {scribe.sentence()} -->"),) if scribe.maybe(share) else ()


def feed(scribe: Scribe) -> Element:
    items = [tag("item", tag("title", text(scribe)), tag("link", scribe.url()), tag("description", text(scribe)),
                 tag("pubDate", scribe.time()),
                 tag("guid", scribe.uuid(), attributes={"isPermaLink": "false"}), tag("dc:creator", scribe.person()))
                 for _ in scribe.some(1, 6)]
    return tag("rss", tag("channel", tag("title", scribe.title()), tag("link", scribe.url()), *note(scribe), *items),
               attributes={"version": "2.0", "xmlns:dc": "http://purl.org/dc/elements/1.1/"})


def settings(scribe: Scribe, depth: int = 3, name: str = "configuration") -> Element:
    children: list[Content] = []
    for key in scribe.keys(scribe.number(2, 6)):
        kind = scribe.rng.random()
        if depth and kind < 0.35:
            children.append(settings(scribe, depth - 1, key))
        elif kind < 0.6:
            children.append(tag(scribe.one("property", "add", key),
                                attributes={"name": key, "value": scribe.one(scribe.noun(), scribe.url(),
                                    str(scribe.number()), "a > b & c")}))
        else:
            children.append(tag(key, *(() if scribe.maybe(0.1)
                                       else (scribe.one(scribe.path(), str(scribe.decimal()), "true", scribe.title()),))))
        children += note(scribe, 0.08)
    return tag(name, *children, attributes=scribe.one({}, {"version": scribe.version()},
                                                      {"id": scribe.slug(), "enabled": "true"}))


def envelope(scribe: Scribe) -> Element:
    inner = [tag(f"m:{key}", scribe.one(scribe.title(), str(scribe.number()), scribe.time()))
             for key in scribe.keys(scribe.number(3, 9))]
    body = [tag(f"m:{scribe.noun().capitalize()}", *inner,
                tag("m:items", *(tag("m:item", text(scribe), attributes={"xsi:nil": "false", "n": str(number)})
                                 for number in scribe.some(1, 5))))]
    return tag("soap:Envelope", tag("soap:Header", tag("m:token", scribe.hexadecimal(24))), tag("soap:Body", *body),
               attributes={
        "xmlns:soap": "http://schemas.xmlsoap.org/soap/envelope/", "xmlns:m": scribe.url().split("?")[0],
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"})


def build(scribe: Scribe) -> Element:
    def dependency() -> Element:
        return tag("dependency", tag("groupId", f"org.{scribe.noun()}"), tag("artifactId", scribe.slug()),
                   tag("version", scribe.one(scribe.version(), "${project.version}")),
                   *scribe.one((), (tag("scope", "test"),)))
    return tag("project", tag("modelVersion", "4.0.0"), tag("groupId", f"com.{scribe.noun()}"),
               tag("artifactId", scribe.slug()), tag("version", scribe.version()), *note(scribe),
               tag("properties", *(tag(f"{scribe.noun()}.version", scribe.version()) for _ in scribe.some(1, 4))),
               tag("dependencies", *(dependency() for _ in scribe.some(1, 8))),
               tag("build", tag("plugins", tag("plugin", tag("artifactId", scribe.slug()),
                                               tag("configuration", tag("skip", "true"),
                                                   tag("argLine", f"-Xmx{scribe.number()}m"))))),
               attributes={"xmlns": "http://maven.apache.org/POM/4.0.0",
                           "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"})


def properties(scribe: Scribe, depth: int = 2) -> Element:
    def value(depth: int) -> Element:
        options = [tag("string", scribe.title()), tag("string", text(scribe)), tag("integer", str(scribe.number())),
                   tag("true"), tag("false"), tag("date", scribe.time()), tag("real", str(scribe.decimal()))]
        if depth:
            options += [dictionary(depth - 1), tag("array", *(value(depth - 1) for _ in scribe.some(1, 4)))] * 2
        return scribe.rng.choice(options)

    def dictionary(depth: int) -> Element:
        return tag("dict", *(part for key in scribe.keys(scribe.number(2, 5)) for part in (tag("key", key), value(depth))))
    return tag("plist", dictionary(depth), attributes={"version": "1.0"})


def catalogue(scribe: Scribe) -> Element:
    item, names = scribe.noun(), scribe.keys(4)
    return tag("catalog", *(tag(item, tag(names[0], text(scribe)), *note(scribe, 0.05), tag(names[1], str(scribe.decimal())),
                                attributes={"id": scribe.code(), names[2]: scribe.title(),
                                            names[3]: scribe.one(scribe.spoken(), scribe.url(), "a \"quoted\" word")})
                            for _ in scribe.some(2, 10)))


def atom(scribe: Scribe) -> Element:
    entries = [tag("entry", tag("title", text(scribe), attributes={"type": "html"}),
                   tag("link", attributes={"href": scribe.url(), "rel": "alternate"}), tag("id", f"urn:uuid:{scribe.uuid()}"),
                   tag("updated", scribe.time()), tag("author", tag("name", scribe.person())),
                   tag("summary", text(scribe))) for _ in scribe.some(1, 5)]
    return tag("feed", tag("title", scribe.title()), tag("updated", scribe.time()), *entries,
               attributes={"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})


def sitemap(scribe: Scribe) -> Element:
    return tag("urlset", *(tag("url", tag("loc", scribe.url()), tag("lastmod", scribe.date()),
                               tag("priority", str(scribe.decimal(0, 1, 1)))) for _ in scribe.some(3, 14)),
               attributes={"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})


def outline(scribe: Scribe, depth: int = 2) -> Element:
    def line(depth: int) -> Element:
        below = [line(depth - 1) for _ in scribe.some(1, 3)] if depth and scribe.maybe(0.6) else []
        return tag("outline", *below, attributes={"text": scribe.one(scribe.title(), scribe.sentence()), "type": "rss",
                                                  "xmlUrl": scribe.url()})
    return tag("opml", tag("head", tag("title", scribe.title()), tag("ownerEmail", scribe.email())),
               tag("body", *(line(depth) for _ in scribe.some(2, 4))), attributes={"version": "2.0"})


def chapter(scribe: Scribe) -> Element:
    def para() -> Element:
        return tag("para", scribe.sentence() + " ", tag("emphasis", scribe.spoken()), " ", scribe.sentence(),
                   *scribe.one((), (" ", tag("ulink", scribe.noun(), attributes={"url": scribe.url()}))), *note(scribe, 0.05))
    listed = tag("itemizedlist", *(tag("listitem", para()) for _ in scribe.some(1, 3)))
    sections = [tag("section", tag("title", scribe.title()), para(), para(), tag("programlisting", cdata(scribe)),
                    attributes={"xml:id": scribe.slug()}) for _ in scribe.some(1, 3)]
    return tag("chapter", tag("title", scribe.title()), *sections, listed,
               attributes={"xmlns": "http://docbook.org/ns/docbook", "version": "5.0"})


def layout(scribe: Scribe) -> Element:
    def view(depth: int) -> Element:
        attributes = {"android:id": f"@+id/{scribe.noun()}", "android:layout_width": "match_parent",
                      "android:layout_height": f"{scribe.number(1, 90)}dp", "android:text": scribe.spoken()}
        below = [view(depth - 1) for _ in scribe.some(1, 3)] if depth else []
        return tag(scribe.one("LinearLayout", "FrameLayout") if below
                   else scribe.one("TextView", "Button", f"com.{scribe.noun()}.View"), *below, attributes=attributes)
    root = view(2)
    return Element(root.name, (("xmlns:android", "http://schemas.android.com/apk/res/android"), *root.attributes),
                   root.children)


def track(scribe: Scribe) -> Element:
    points = [tag("trkpt", tag("ele", str(scribe.decimal(0, 3000, 1))), tag("time", scribe.time()),
                  attributes={"lat": str(scribe.decimal(-90, 90, 6)), "lon": str(scribe.decimal(-180, 180, 6))})
              for _ in scribe.some(3, 12)]
    return tag("gpx", tag("metadata", tag("name", text(scribe))),
               tag("trk", tag("name", scribe.pick("places")), tag("trkseg", *points)),
               attributes={"version": "1.1", "creator": scribe.person(), "xmlns": "http://www.topografix.com/GPX/1/1"})


SHARED: tuple[Kind, ...] = (settings, catalogue)
KINDS: dict[str, tuple[Kind, ...]] = {
    "dev": (*SHARED, feed, envelope, build, properties),
    "test": (*SHARED, atom, sitemap, outline, chapter, layout, track),
}
