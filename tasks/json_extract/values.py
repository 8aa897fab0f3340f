"""Random values as documents write them, and the kinds of field they fill."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from typing import NamedTuple

Random = random.Random
Generator = Callable[[Random], str]

FIRST_NAMES = """Anna Peter Maria Jonas Clara Felix Ingrid Oscar Priya Wei Fatima Omar Elena Marco Sofia Liam Noah Emma
Olivia Ava Mason Lucas Ethan Amelia Harper Ella Grace Chloe Zoe Hannah Leah Nora Ruth Alice Beatrice Dorothy Edith Frank
George Harold Isaac Jacob Kevin Leonard Martin Nathan Owen Patrick Quentin Robert Samuel Thomas Victor Walter Xavier
Yusuf Zachary Aisha Bruno Carmen Diego Esther Fabian Greta Hugo Irina Javier Katrin Lorenzo Magnus Nadia Otto Paula
Rafael Stella Tobias Ulrike Vera Wanda Yasmin Zlata Akira Kenji Yuki Mei Jun Hiro Ravi Sanjay Anjali Deepa Kofi Ama
Kwame Zainab Chidi Ngozi Tariq Layla Samir Noor Ivan Olga Dmitri Svetlana Piotr Agnieszka Zuzana Milan Petra Andrej
José René Zoë Søren Björn Anaïs Chloé Jürgen""".split()
LAST_NAMES = """Smith Johnson Gruber Huber Novak Kowalski Rossi Bianchi Garcia Martinez Lopez Silva Santos Costa Dubois
Moreau Laurent Bernard Schmidt Weber Fischer Becker Hoffmann Wagner Larsen Hansen Nielsen Olsen Lindberg Virtanen Korhonen
Ivanov Petrov Popescu Ionescu Nagy Kovacs Horvat Marek Dvorak Tanaka Suzuki Yamamoto Kim Park Lee Chen Wang Zhang Liu
Nguyen Tran Patel Sharma Gupta Singh Khan Hussain Rahman Haddad Nasser Okafor Adeyemi Mensah Osei Diallo Brown Taylor
Walker Wright Hughes Evans Carter Mitchell Turner Collins Murphy Kelly Brennan Doyle Campbell Stewart Fraser Reid
Whitfield Ashworth Thornton Blackwood Hawkins Pemberton Lockhart Fairbanks Sinclair Waverly Ortega Vargas Castillo Mendoza
Delgado Fuentes Navarro Romero Peeters Janssen Visser Bakker Müller Núñez Lefèvre Åkesson O'Neill O'Brien McAllister
Vandijk""".split()
CITIES = """Graz Vienna Linz Salzburg Berlin Hamburg Munich Cologne Leipzig Paris Lyon Lille Nantes Madrid Seville Bilbao
Porto Lisbon Rome Milan Turin Naples Athens Zagreb Split Ljubljana Maribor Budapest Szeged Prague Brno Warsaw Krakow
Gdansk Oslo Bergen Stockholm Malmo Helsinki Turku Tallinn Riga Vilnius Dublin Cork Galway London Leeds Bristol York
Glasgow Cardiff Boston Denver Austin Seattle Portland Chicago Dallas Tucson Omaha Toronto Calgary Halifax Sydney Perth
Hobart Auckland Tokyo Osaka Kyoto Seoul Busan Singapore Bangkok Hanoi Mumbai Pune Chennai Nairobi Accra Lagos Cairo Tunis
Lima Quito Bogota Santiago Zürich""".split() + ["New Haven", "San Jose", "Cape Town", "Santa Fe", "Las Palmas", "Bad Ischl"]
COUNTRIES = """Austria Germany France Spain Portugal Italy Greece Croatia Slovenia Hungary Poland Norway Sweden Finland
Estonia Latvia Lithuania Ireland Canada Australia Japan Singapore Thailand Vietnam India Kenya Ghana Nigeria Egypt
Morocco Peru Chile Brazil Mexico Iceland Denmark Belgium Switzerland""".split() + ["New Zealand", "South Korea", "Costa Rica"]
STREET_WORDS = """Elm Oak Maple Cedar Birch Willow Mill Church Station Harbour Castle King Queen Bridge River Lake Hill
Garden Park Market School Chapel Victoria Albert Linden Rose Meadow Forest Spring Summit Quarry Foundry Orchard Abbey
Weaver Potter Cooper Saddler Falcon Heron""".split()
STREET_ENDS = ["Street", "Road", "Lane", "Avenue", "Way", "Drive", "Court", "Square", "Row", "Close", "St", "Rd"]
COMPANY_WORDS = """Alpine Nordic Delta Summit Harbor Vertex Quantum Cobalt Amber Crimson Silver Golden Blue Green North
South Eastern Western Pacific Atlantic Baltic Adriatic Granite Marble Copper Iron Orchid Juniper Maple Falcon Osprey
Kestrel Lynx Badger Otter Beacon Lantern Compass Anchor Keystone Pinnacle Horizon Meridian Solstice Equinox Aurora Nova
Orion Vega Polaris Helix Prism Cascade Torrent Brook Willow Cedar""".split()
COMPANY_TRADES = """Logistics Textiles Foods Software Analytics Plumbing Motors Travel Pharma Energy Optics Robotics
Furniture Ceramics Publishing Media Insurance Partners Consulting Interiors Tools Outdoor Electronics Systems Labs
Bakery Farms Shipping Airways Studios Design Security Catering""".split()
COMPANY_FORMS = ["Ltd", "Inc", "GmbH", "LLC", "AG", "SA", "Group", "Co", "& Sons", "", "", "", ""]
PRODUCT_ADJECTIVES = """red blue green black white grey wooden steel folding cordless electric portable compact heavy
ceramic leather cotton woollen insulated adjustable stackable rechargeable waterproof wireless vintage oak bamboo glass
copper striped small large mini ergonomic""".split()
PRODUCT_NOUNS = """lamp chair table desk kettle toaster blender drill saw hammer ladder tent backpack jacket scarf mug
bowl teapot notebook keyboard mouse monitor speaker headset charger cable tripod lens bicycle helmet scooter sofa mattress
pillow blanket curtain rug shelf cabinet mirror clock vase candle rake shovel hose wheelbarrow grill cooler thermos bottle
printer scanner router camera microphone projector umbrella suitcase wallet watch bracelet guitar flute violin stapler
whiteboard heater fan vacuum iron mixer""".split()
COLOURS = """red blue green black white grey silver yellow orange purple brown beige navy turquoise crimson ivory teal
maroon olive khaki lavender magenta""".split()
TITLE_ADJECTIVES = """Silent Hidden Golden Broken Distant Last First Lost Winter Summer Midnight Paper Glass Iron Hollow
Bright Quiet Burning Frozen Little Seventh Empty Secret Endless Crooked Patient Modern Practical Urban""".split()
TITLE_NOUNS = """River Garden Harbour Lantern Mountain Letter Island Orchard Clock Mirror Bridge Shadow Train Forest
Kingdom Voyage Promise Window Storm Kitchen Library Compass Sparrow Tide Valley Machine Season Archive Cathedral Desert""".split()
TOPICS = """photography statistics pottery welding bookkeeping gardening robotics astronomy accounting marketing nutrition
carpentry sailing cybersecurity linguistics genetics typography negotiation calligraphy beekeeping logistics databases
acoustics geology first-aid""".split()
SKILLS = """Python Java SQL Excel German Spanish welding driving Linux Docker French accounting scheduling Photoshop
negotiation Kubernetes React bookkeeping cooking sewing Figma forklift copywriting plumbing SAP Rust Go TypeScript
statistics first-aid teaching""".split()
TAGS = """urgent internal draft archive vip fragile refund legal beta mobile backend frontend security finance travel
seasonal outdoor family vegan quiet wifi parking pool gym sauna breakfast balcony garden garage elevator""".split()
FOODS = """flour sugar butter eggs milk salt pepper olive-oil garlic onions tomatoes basil rice lentils chickpeas
spinach carrots potatoes cream cheese honey yeast walnuts almonds raisins lemon ginger cumin paprika parsley leeks
mushrooms beans pumpkin apples pears plums""".split()
DEPARTMENTS = """Finance Logistics Marketing Radiology Cardiology Engineering Procurement Sales Legal Maintenance
Housekeeping Dermatology Research Operations Payroll Design Quality Security Admissions Customer-Care""".split()
JOBS = """accountant nurse electrician baker teacher carpenter librarian translator architect welder chemist surveyor
courier dispatcher gardener pharmacist programmer auditor receptionist plumber recruiter analyst""".split()
CURRENCIES = ["EUR {}", "{} EUR", "${}", "£{}", "€{}", "{} euros", "USD {}", "{} USD", "CHF {}", "{} dollars", "GBP {}", "{} GBP"]
MONTHS = """January February March April May June July August September October November December""".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SYLLABLE_ONSETS = "b br c ch d dr f g gr h j k kl l m n p pr r s st t tr v w z th sh".split()
SYLLABLE_VOWELS = "a e i o u a e o ai ea ou".split()
SYLLABLE_CODAS = ["", "", "", "n", "r", "l", "s", "m", "th", "nd", "ck", "x"]
RUDE = re.compile("fuck|fux|sex|shit|cunt|dick|cock|tit|slut|nazi|fag|rape|piss|anus|cum|nig|suck|hell|ass|wank|poo")
MAIL_DOMAINS = ["example.com", "mail.net", "post.at", "inbox.org", "webmail.eu", "office.io", "example.org"]
OBJECT_ADJECTIVES = "old new broken spare missing damaged final annual weekly main second late early urgent minor".split()
OBJECT_NOUNS = """delivery invoice meeting review repair inspection report order upgrade payment request heating window
battery login printer password contract screen engine door filter valve roof budget survey lighting backup""".split()
PHRASE_VERBS = """check replace confirm clean cancel approve repair move update inspect postpone review close collect
archive measure rename paint translate label""".split()


def syllables(rng: Random, low: int = 2, high: int = 3) -> str:
    """Return a made-up lower-case word that holds no rude syllable."""
    while True:
        word = "".join(
            rng.choice(SYLLABLE_ONSETS) + rng.choice(SYLLABLE_VOWELS) + rng.choice(SYLLABLE_CODAS)
            for _ in range(rng.randint(low, high))
        )
        if not RUDE.search(word):
            return word


def made_up_name(rng: Random) -> str:
    """Return a made-up capitalised word of at most ten letters."""
    return syllables(rng, 2, 3)[:10].capitalize()


def first_name(rng: Random) -> str:
    """Return a given name, sometimes made up."""
    return rng.choice(FIRST_NAMES) if rng.random() < 0.7 else made_up_name(rng)


def last_name(rng: Random) -> str:
    """Return a family name, sometimes made up."""
    return rng.choice(LAST_NAMES) if rng.random() < 0.6 else made_up_name(rng)


def person(rng: Random) -> str:
    """Return a person's name in one of several shapes."""
    shape = rng.random()
    first, last = first_name(rng), last_name(rng)
    if shape < 0.78:
        return f"{first} {last}"
    if shape < 0.84:
        return f"{rng.choice(['Dr', 'Mr', 'Ms', 'Mrs', 'Prof.'])} {last}"
    if shape < 0.90:
        return f"{first} {rng.choice(string.ascii_uppercase)}. {last}"
    if shape < 0.95:
        return f"{first[0]}. {last}"
    return f"{first} {last}-{last_name(rng)}"


def company(rng: Random) -> str:
    """Return a company name."""
    head = rng.choice(COMPANY_WORDS) if rng.random() < 0.5 else made_up_name(rng)
    tail = rng.choice(COMPANY_TRADES) if rng.random() < 0.75 else ""
    parts = (head, tail, rng.choice(COMPANY_FORMS))
    name = " ".join(part for part in parts if part)
    return name if " " in name else name + " " + rng.choice(COMPANY_TRADES)


def product(rng: Random) -> str:
    """Return a product name, sometimes with a made-up brand or a model number."""
    name = f"{rng.choice(PRODUCT_ADJECTIVES)} {rng.choice(PRODUCT_NOUNS)}"
    shape = rng.random()
    if shape < 0.55:
        return name
    if shape < 0.75:
        return f"{made_up_name(rng)} {rng.choice(PRODUCT_NOUNS)}"
    return f"{made_up_name(rng)} {rng.choice(string.ascii_uppercase)}{rng.randint(1, 999)}"


def city(rng: Random) -> str:
    """Return a town's name, sometimes made up."""
    if rng.random() < 0.6:
        return rng.choice(CITIES)
    return made_up_name(rng) + rng.choice(["", "", "ville", "berg", "ton", "stadt", "ford"])


def country(rng: Random) -> str:
    """Return a country's name."""
    return rng.choice(COUNTRIES)


def street(rng: Random) -> str:
    """Return a street with a house number."""
    name = rng.choice(STREET_WORDS) if rng.random() < 0.6 else made_up_name(rng)
    if rng.random() < 0.2:
        return f"{name.lower().capitalize()}gasse {rng.randint(1, 180)}"
    return f"{rng.randint(1, 240)}{rng.choice(['', '', '', 'A', 'b'])} {name} {rng.choice(STREET_ENDS)}"


def place(rng: Random) -> str:
    """Return the name of a venue or meeting place."""
    head = rng.choice(COMPANY_WORDS + STREET_WORDS) if rng.random() < 0.6 else made_up_name(rng)
    kind = rng.choice("Hall Hotel Inn Theatre Library Museum Arena Centre Station Pavilion Lodge House Terminal Depot Gate".split())
    return f"{head} {kind}"


def zip_code(rng: Random) -> str:
    """Return a postal code."""
    return str(rng.randint(1000, 99999)) if rng.random() < 0.8 else _shape(rng, "AA# #AA")


def email(rng: Random) -> str:
    """Return an email address."""
    local = rng.choice([first_name, last_name])(rng).lower().replace("'", "").encode("ascii", "ignore").decode()
    if rng.random() < 0.5:
        local += rng.choice([".", "_", ""]) + syllables(rng, 1, 2)
    if rng.random() < 0.3:
        local += str(rng.randint(1, 99))
    domain = rng.choice(MAIL_DOMAINS) if rng.random() < 0.5 else syllables(rng) + rng.choice([".com", ".org", ".at", ".io"])
    return f"{local}@{domain}"


CODE_SHAPES = ["AA-####", "AAA-####", "A#####", "######", "#####", "AA##-#A", "AA/####/###", "####-####", "#-####-#",
               "AAA###", "AAAA-##", "A-###-A", "####A", "AA #### ##", "A##-A##", "INV-####", "REF####", "No-####",
               "AA####AA", "##-###-##", "##/####", "A####-#"]
PHONE_SHAPES = ["+## ### ######", "0### ######", "(###) ###-####", "+##-##-#######", "###-####", "### ### ####",
                "0### ## ## ##", "+## (0)### #####"]


def _shape(rng: Random, shape: str) -> str:
    """Return `shape` with # replaced by digits and A by capital letters."""
    return "".join(_shape_character(rng, character) for character in shape)


def _shape_character(rng: Random, character: str) -> str:
    if character == "#":
        return rng.choice(string.digits)
    if character == "A":
        return rng.choice(string.ascii_uppercase)
    return character


def code(rng: Random) -> str:
    """Return an identifier of one of many shapes."""
    shape = rng.choice(CODE_SHAPES)
    if shape.startswith(("INV", "REF", "No")):
        return shape.rstrip("#") + str(rng.randint(1000, 9999))
    return ("#" if rng.random() < 0.08 else "") + _shape(rng, shape)


def phone(rng: Random) -> str:
    """Return a telephone number."""
    return _shape(rng, rng.choice(PHONE_SHAPES))


def date(rng: Random) -> str:
    """Return a calendar date in one of many notations."""
    year, month, day = rng.randint(2015, 2029), rng.randint(1, 12), rng.randint(1, 28)
    name = MONTHS[month - 1]
    notation = rng.randrange(12)
    if notation < 3:
        return f"{year}-{month:02d}-{day:02d}"
    if notation < 5:
        return f"{day} {name} {year}"
    if notation < 7:
        return f"{name} {day}, {year}"
    if notation == 7:
        return f"{day:02d}/{month:02d}/{year}"
    if notation == 8:
        return f"{day}.{month}.{year}"
    if notation == 9:
        return f"{day} {name[:3]} {year}"
    return f"{name} {day}" if notation == 10 else f"{rng.choice(WEEKDAYS)}, {day} {name}"


def time(rng: Random) -> str:
    """Return a time of day."""
    hour, minute = rng.randint(0, 23), rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50, 55])
    if rng.random() < 0.7:
        return f"{hour:02d}:{minute:02d}"
    return f"{hour % 12 + 1}{'' if minute == 0 else f':{minute:02d}'} {rng.choice(['am', 'pm'])}"


def url(rng: Random) -> str:
    """Return a web address."""
    host = syllables(rng) + rng.choice([".com", ".org", ".net", ".io"])
    return rng.choice(["https://", "www.", ""]) + host + rng.choice(["", f"/{syllables(rng, 1, 2)}", f"/p/{rng.randint(1, 999)}"])


def duration(rng: Random) -> str:
    """Return a length of time."""
    unit = rng.choice(["minutes", "hours", "days", "weeks", "months", "years"])
    return f"{rng.randint(2, 90 if unit == 'minutes' else 30)} {unit}"


def title(rng: Random) -> str:
    """Return the title of a work."""
    adjective, noun = rng.choice(TITLE_ADJECTIVES), rng.choice(TITLE_NOUNS)
    other = rng.choice(TITLE_NOUNS) if rng.random() < 0.7 else made_up_name(rng)
    return rng.choice([f"The {adjective} {noun}", f"{adjective} {noun}", f"{noun} of {other}", f"One {noun} in {other}",
                       f"The {noun} and the {other}", f"{other}"])


def topic(rng: Random) -> str:
    """Return the name of a course or talk."""
    return rng.choice(["Introduction to {}", "Advanced {}", "{} for beginners", "Practical {}", "{} basics", "Workshop: {}"]).format(
        rng.choice(TOPICS))


def phrase(rng: Random) -> str:
    """Return a short lower-case phrase."""
    adjective, noun = rng.choice(OBJECT_ADJECTIVES), rng.choice(OBJECT_NOUNS)
    return rng.choice([f"{adjective} {noun}", f"{rng.choice(PHRASE_VERBS)} the {adjective} {noun}",
                       f"{noun} {rng.choice(OBJECT_NOUNS)}", f"{adjective} {noun} {syllables(rng, 1, 2)}"])


def percentage(rng: Random) -> str:
    """Return a percentage with its sign."""
    return f"{rng.randint(1, 95)}{rng.choice(['%', '%', ' %', ' percent'])}"


def made_up_word(rng: Random) -> str:
    """Return a made-up word in lower case or capitalised."""
    return syllables(rng) if rng.random() < 0.5 else made_up_name(rng)


def chosen(words: str | list[str]) -> Generator:
    """Return a generator that picks one of `words`, given as a list or separated by bars."""
    options = words.split("|") if isinstance(words, str) else words
    return lambda rng: rng.choice(options)


class Filled(NamedTuple):
    """One field's value: its wording in prose, in a form, its JSON value and its schema."""

    text: str
    form: str
    value: object
    schema: dict


Kind = Callable[[Random], Filled]


def text_kind(generator: Generator) -> Kind:
    """Return the kind whose value is the string as written."""

    def fill(rng: Random) -> Filled:
        value = generator(rng)
        return Filled(value, value, value, {"type": "string"})

    return fill


def date_kind(rng: Random) -> Filled:
    """Return a date; some ISO dates carry the format keyword."""
    value = date(rng)
    is_iso = len(value) == 10 and value[4] == "-"
    schema = {"type": "string", "format": "date"} if is_iso and rng.random() < 0.2 else {"type": "string"}
    return Filled(value, value, value, schema)


def email_kind(rng: Random) -> Filled:
    """Return an email address; some schemas carry the format keyword."""
    value = email(rng)
    schema = {"type": "string", "format": "email"} if rng.random() < 0.15 else {"type": "string"}
    return Filled(value, value, value, schema)


def count_kind(low: int, high: int, wording: str = "{}") -> Kind:
    """Return the kind of whole numbers from `low` to `high`, written as `wording`."""
    wordings = wording.split("|")

    def fill(rng: Random) -> Filled:
        value = rng.randint(low, high)
        schema = {"type": rng.choice(["integer", "integer", "number"])}
        if rng.random() < 0.04:
            schema["minimum"] = min(low, 0)
        text = rng.choice(wordings).format(value)
        return Filled(text, text, value, schema)

    return fill


def decimal_kind(low: float, high: float, digits: int = 1, wording: str = "{}") -> Kind:
    """Return the kind of decimal numbers from `low` to `high`, written as `wording`."""
    wordings = wording.split("|")

    def fill(rng: Random) -> Filled:
        value = round(rng.uniform(low, high), rng.randint(1, digits))
        text = rng.choice(wordings).format(value)
        return Filled(text, text, value, {"type": "number"})

    return fill


def written_amount(rng: Random, high: int) -> tuple[str, float]:
    """Return an amount of money as written and as a number."""
    whole = rng.randint(3, max(4, int(high * rng.random() ** 2)))
    style = rng.random()
    if style < 0.45:
        return str(whole), whole
    if style < 0.50 and whole >= 1000:
        return f"{whole:,}", whole
    if style < 0.52:
        return f"{whole}.00", float(whole)
    value = round(whole + rng.randint(1, 99) / 100, 2)
    return (f"{value:.2f}" if style < 0.56 else str(value)), value


def amount_kind(high: int = 4000) -> Kind:
    """Return the kind of money amounts up to `high`, written with a currency."""

    def fill(rng: Random) -> Filled:
        written, value = written_amount(rng, high)
        text = rng.choice(CURRENCIES).format(written)
        form = text if rng.random() < 0.7 else written
        return Filled(text, form, value, {"type": "number"})

    return fill


def enum_kind(options: str) -> Kind:
    """Return the kind that picks one of the bar-separated `options`."""
    choices = options.split("|")

    def fill(rng: Random) -> Filled:
        listed = rng.sample(choices, rng.randint(min(3, len(choices)), len(choices)))
        value = rng.choice(listed)
        schema = {"enum": listed} if rng.random() < 0.6 else {"type": "string", "enum": listed}
        return Filled(value, value, value, schema)

    return fill


def flag_kind(yes: str, no: str) -> Kind:
    """Return the boolean kind told by one of the sentences in `yes` or `no`."""
    sentences = {True: yes.split("|"), False: no.split("|")}

    def fill(rng: Random) -> Filled:
        value = rng.random() < 0.5
        form = rng.choice(["yes", "yes", "Yes", "true"] if value else ["no", "no", "No", "false"])
        return Filled(rng.choice(sentences[value]), form, value, {"type": "boolean"})

    return fill


def joined(rng: Random, parts: list[str]) -> str:
    """Return the parts joined as an enumeration."""
    if len(parts) == 1 or rng.random() < 0.35:
        return ", ".join(parts)
    return ", ".join(parts[:-1]) + rng.choice([" and ", " and ", " & "]) + parts[-1]


def list_kind(generator: Generator, low: int = 1, high: int = 4) -> Kind:
    """Return the kind of lists of distinct strings."""

    def fill(rng: Random) -> Filled:
        values = list(dict.fromkeys(generator(rng) for _ in range(rng.randint(low, high))))
        schema = {"type": "array", "items": {"type": "string"}}
        if rng.random() < 0.05:
            schema["minItems"] = 1
        return Filled(joined(rng, values), ", ".join(values), values, schema)

    return fill


def number_list_kind(low: int, high: int) -> Kind:
    """Return the kind of lists of whole or one-decimal numbers."""

    def fill(rng: Random) -> Filled:
        decimal = rng.random() < 0.4
        values = [round(rng.uniform(low, high), 1) if decimal else rng.randint(low, high) for _ in range(rng.randint(2, 5))]
        written = [str(value) for value in values]
        schema = {"type": "array", "items": {"type": "number" if decimal else rng.choice(["integer", "number"])}}
        return Filled(joined(rng, written), ", ".join(written), values, schema)

    return fill


def object_schema(properties: dict) -> dict:
    """Return the closed object schema that requires all `properties`."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def items_kind(generator: Generator) -> Kind:
    """Return the kind of lists of named things with a quantity."""

    def fill(rng: Random) -> Filled:
        name_key, count_key = rng.choice(["name", "name", "item", "product"]), rng.choice(["qty", "qty", "quantity", "count"])
        names = list(dict.fromkeys(generator(rng) for _ in range(rng.randint(1, 3))))
        values = [{name_key: name, count_key: rng.randint(1, 24)} for name in names]
        wording = rng.choice(["{1} x {0}", "{1}x {0}", "{0} ({1})", "{0} x{1}"])
        parts = [wording.format(*value.values()) for value in values]
        item = object_schema({name_key: {"type": "string"}, count_key: {"type": "integer"}})
        return Filled(joined(rng, parts), ", ".join(parts), values, {"type": "array", "items": item})

    return fill


def priced_items_kind(generator: Generator) -> Kind:
    """Return the kind of lists of named things with a price."""

    def fill(rng: Random) -> Filled:
        name_key, price_key = rng.choice(["name", "item", "description"]), rng.choice(["price", "price", "cost", "amount"])
        names = list(dict.fromkeys(generator(rng) for _ in range(rng.randint(1, 3))))
        prices = [rng.randint(3, 400) if rng.random() < 0.5 else round(rng.uniform(3, 400), 1) for _ in names]
        values = [{name_key: name, price_key: price} for name, price in zip(names, prices)]
        wording = rng.choice(["{0} at {1}", "{0} ({1} EUR)", "{0} for ${1}", "{0}: {1}"])
        parts = [wording.format(*value.values()) for value in values]
        item = object_schema({name_key: {"type": "string"}, price_key: {"type": "number"}})
        return Filled(joined(rng, parts), ", ".join(parts), values, {"type": "array", "items": item})

    return fill


def address_kind(rng: Random) -> Filled:
    """Return a postal address as a nested object."""
    zip_key = rng.choice(["zip", "zip", "postcode", "zip_code", "postal_code"])
    parts = {"street": street(rng), "city": city(rng), zip_key: zip_code(rng)}
    wording = rng.choice(["{0}, {2} {1}", "{0}, {1}, {2}", "{0}, {1} {2}"])
    text = wording.format(*parts.values())
    keys = rng.sample(list(parts), 3 if rng.random() < 0.75 else 2)
    schema = object_schema({key: {"type": "string"} for key in keys})
    return Filled(text, text, {key: parts[key] for key in keys}, schema)


def contact_kind(rng: Random) -> Filled:
    """Return a contact person with a phone number or email address as a nested object."""
    channel, generator = rng.choice([("phone", phone), ("email", email)])
    name, value = person(rng), generator(rng)
    text = rng.choice(["{} ({})", "{}, {}", "{} - {}"]).format(name, value)
    schema = object_schema({"name": {"type": "string"}, channel: {"type": "string"}})
    return Filled(text, text, {"name": name, channel: value}, schema)


PERSON, COMPANY, PRODUCT, CITY, COUNTRY = map(text_kind, (person, company, product, city, country))
STREET, PLACE, PHONE, CODE, TIME, URL = map(text_kind, (street, place, phone, code, time, url))
DURATION, TITLE, TOPIC, PHRASE, PERCENTAGE = map(text_kind, (duration, title, topic, phrase, percentage))
WORD = text_kind(made_up_word)
COLOUR = text_kind(chosen(COLOURS))
DEPARTMENT = text_kind(chosen(DEPARTMENTS))
JOB = text_kind(chosen(JOBS))
DATE, EMAIL, ADDRESS, CONTACT = date_kind, email_kind, address_kind, contact_kind
AMOUNT = amount_kind()
