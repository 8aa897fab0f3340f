"""The training domains: their fields, sentences, titles and remarks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tasks.json_extract import values
from tasks.json_extract.values import (
    ADDRESS, AMOUNT, CITY, CODE, COLOUR, COMPANY, CONTACT, COUNTRY, DATE, DEPARTMENT, DURATION, EMAIL, JOB, PERCENTAGE,
    PERSON, PHONE, PHRASE, PLACE, PRODUCT, STREET, TIME, TITLE, TOPIC, URL, WORD, Kind, amount_kind, chosen, count_kind,
    decimal_kind, enum_kind, flag_kind, items_kind, list_kind, number_list_kind, priced_items_kind, text_kind,
)


@dataclass(frozen=True)
class Field:
    """One thing a domain's documents may state."""

    labels: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True)
class Voice:
    """Greetings, sign-offs and remarks that any domain may use."""

    greetings: list[str]
    closings: list[str]
    noise: list[str]
    replies: list[str]
    speakers: list[str]
    plain: list[str]


@dataclass(frozen=True)
class Domain:
    """A subject with its fields and the sentence templates that state them."""

    name: str
    fields: dict[str, Field]
    sentences: tuple[str, ...]
    titles: list[str]
    noise: list[str]
    layouts: tuple[int, ...]

    @cached_property
    def _templates(self) -> dict[str, list[str]]:
        return {name: [template for template in self.sentences if name in fields_of(template)] for name in self.fields}

    @cached_property
    def flags(self) -> set[str]:
        """The fields whose text is a whole sentence."""
        return {name for name in self.fields if "{" + name + "}" in self.sentences}

    def templates_of(self, name: str) -> list[str]:
        """Return the templates that state the field `name`."""
        return self._templates[name]


@lru_cache(maxsize=1 << 16)
def fields_of(template: str) -> frozenset[str]:
    """Return the names of the fields a template states."""
    return frozenset(re.findall(r"{(\w+)}", template))


def lines(text: str) -> list[str]:
    """Return the non-empty stripped lines of `text`."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def domain(name: str, fields: dict[str, tuple], titles: str, sentences: str, noise: str,
           layouts: tuple[int, ...] = (50, 18, 14, 8, 10)) -> Domain:
    """Return the domain of the given tables; a field is (labels, kind) or (labels, yes sentences, no sentences)."""
    table, flags = {}, []
    for key, (labels, *rest) in fields.items():
        kind = flag_kind(*rest) if len(rest) == 2 else rest[0]
        flags += ["{" + key + "}"] if len(rest) == 2 else []
        table[key] = Field(tuple(labels.split("|")), kind)
    return Domain(name, table, tuple(lines(sentences) + flags), titles.split("|"), lines(noise), layouts)


VOICE = Voice(
    greetings=lines("""
        Hello,
        Hi there,
        Hi <first>,
        Dear <first>,
        Hi <first>!
        Dear all,
        Good morning,
        Good afternoon,
        Hello team,
        To whom it may concern,
        Hey,
        Hi all,
        Dear Sir or Madam,
        """),
    closings=lines("""
        Best regards
        Kind regards, <person>
        Best, <first>
        Thanks, <first>
        Thank you!
        Many thanks
        Cheers, <first>
        Yours sincerely, <person>
        Sincerely, The Team
        See you soon
        Regards
        """),
    noise=lines("""
        Please keep this message for your records.
        Let us know if anything looks wrong.
        Sorry for the late reply.
        I talked to <first> about something else on <weekday>.
        The office will be closed for the holidays from <date>.
        This message was written by hand and may contain typos.
        Page <number> of the manual explains the rest.
        Do not reply to this address.
        I hope this helps.
        Thanks again for your patience.
        We will get back to you shortly.
        <first> sends greetings.
        By the way, <person> left the team last month.
        The old file from <date> can be ignored.
        Our newsletter mentions <product> this week.
        Everything else stays as it was.
        No further action is needed.
        It rained all <weekday>.
        Printed at <time>.
        There were <number> people in the queue.
        """),
    replies=["ok", "got it", "thanks!", "noted", "sure", "sounds good", "one moment", "great", "and the rest?", "yes please"],
    speakers=["A", "B", "agent", "customer", "me", "you", "desk", "caller", "Kim", "Lou", "Sam", "Ola", "bot", "user", "host"],
    plain=lines("""
        the LABEL is VALUE.
        LABEL: VALUE.
        your LABEL is VALUE.
        as LABEL we have VALUE.
        the LABEL is given as VALUE.
        for the LABEL please note VALUE.
        LABEL - VALUE.
        """),
)

CUES = lines("""
    Label: VALUE
    Label: VALUE.
    Label: VALUE;
    The LABEL is VALUE.
    The LABEL is VALUE.
    The LABEL was VALUE.
    Our LABEL is VALUE.
    Your LABEL is VALUE.
    My LABEL will be VALUE.
    LABEL - VALUE.
    LABEL = VALUE.
    VALUE is the LABEL.
    VALUE was given as the LABEL.
    VALUE has been entered as LABEL.
    We noted VALUE as LABEL.
    We put down VALUE for the LABEL.
    As for the LABEL, it is VALUE.
    As LABEL we have VALUE.
    Regarding the LABEL: VALUE.
    The LABEL was set to VALUE.
    The LABEL has changed to VALUE.
    (LABEL VALUE)
    Use VALUE as the LABEL.
    For LABEL, use VALUE.
    For the LABEL please take VALUE.
    The file lists VALUE under LABEL.
    Under LABEL it says VALUE.
    The LABEL should read VALUE.
    They confirmed VALUE as the new LABEL.
    Please record the LABEL, VALUE.
    With LABEL VALUE.
    LABEL VALUE.
    I think the LABEL is VALUE, as agreed.
    On the sheet, the LABEL appears as VALUE.
    Just so you know, the LABEL is VALUE.
    It shows VALUE (LABEL).
    """)
FLAG_CUES = {
    True: lines("""
        Label: yes
        LABEL: yes.
        LABEL is included.
        LABEL = true.
        Yes to LABEL.
        The LABEL is confirmed.
        LABEL: true
        They do want LABEL.
        With LABEL, please.
        LABEL was requested.
        """),
    False: lines("""
        Label: no
        LABEL: no.
        LABEL is not included.
        LABEL = false.
        No LABEL.
        The LABEL is not confirmed.
        LABEL: false
        They do not want LABEL.
        Without LABEL, please.
        LABEL was not requested.
        """),
}


def _labelled(labels: str, kind: Kind) -> list[tuple[str, Kind]]:
    return [(label, kind) for label in labels.replace("\n", " ").split("|") for label in [" ".join(label.split())]]


MIXED = {
    "person": _labelled("""owner|tenant|driver|manager|author|witness|guardian|supervisor|contact|sender|recipient|guest
        |assistant|instructor|inspector|applicant|signatory|deputy|nominee|editor|buyer|seller|landlord|captain|host
        |reviewer|technician|caretaker|emergency contact|account holder|project lead|approved by|requested by|handled by
        |first name contact|beneficiary|referee|trainer""", PERSON),
    "date": _labelled("""start date|end date|due date|issue date|expiry date|birth date|date of arrival|departure date
        |review date|deadline|renewal date|purchase date|delivery date|last update|next visit|closing date|opening day
        |date received|valid from|valid until|moving date|inspection date|payment date|created on|hire date""", DATE),
    "time": _labelled("""start time|end time|opening time|closing time|pickup time|check in time|alarm|boarding time
        |lunch break|call time|arrival time|shift start|shift end""", TIME),
    "code": _labelled("""serial number|reference|order number|customer id|ticket|case number|policy number|room code|barcode
        |licence plate|account number|batch|lot number|tracking number|voucher|door code|part number|file number|membership id
        |transaction id|model number|locker|asset tag|permit number|badge id|registration|promo code|contract no""", CODE),
    "amount": _labelled("""price|total|deposit|fee|discount amount|tax|subtotal|shipping cost|budget|balance|salary|refund
        |rent|fine|tip|bonus|surcharge|credit limit|estimate|loan amount|premium|unit price|net amount|gross amount|paid so far
        """, AMOUNT),
    "count": _labelled("""quantity|seats|rooms|guests|floor|age|pages|boxes|stock level|team size|attempts|copies|distance
        |weight|capacity|score|queue position|speed limit|players|bedrooms|units sold|error count|shelf|lane|year built
        |points|visitors""", count_kind(1, 2500)),
    "small count": _labelled("adults|children|nights|doors|rating|level|version|bags|tables|shifts|pets|windows", count_kind(0, 12)),
    "decimal": _labelled("""temperature|height|width|length|voltage|pressure|average|ratio|depth|humidity reading|ph value
        |density|load|offset|latitude|longitude""", decimal_kind(-20, 120, 2)),
    "company": _labelled("""supplier|employer|client|vendor|manufacturer|carrier|insurer|bank|publisher|agency|sponsor|brand
        |contractor|organisation|partner|broker""", COMPANY),
    "place": _labelled("""venue|pickup point|drop off|meeting point|storage|entrance|site|branch|office|stop
        |assembly point""", PLACE),
    "city": _labelled("city|origin|destination|birthplace|headquarters|hometown|port|location|region|last stop", CITY),
    "country": _labelled("country|nationality country|country of origin|shipping country|market", COUNTRY),
    "street": _labelled("street|home address|billing street|delivery street|return address", STREET),
    "product": _labelled("""item|product|replacement|article|device|equipment|gift|main item|accessory|spare part|prize
        |material""", PRODUCT),
    "colour": _labelled("colour|trim colour|wall colour|cover colour|label colour|ink", COLOUR),
    "email": _labelled("email|billing email|work email|backup email|support address|reply to", EMAIL),
    "phone": _labelled("phone|mobile|fax|hotline|office phone|emergency number|landline", PHONE),
    "url": _labelled("website|link|homepage|portal|download page|status page", URL),
    "duration": _labelled("duration|notice period|warranty|lead time|term|waiting time|trial period|runtime|interval", DURATION),
    "title": _labelled("title|subject|project|series|album|exhibit|programme|codename|headline|chapter", TITLE),
    "phrase": _labelled("""reason|description|remark|problem|purpose|note|task|next step|cause|damage|request|summary|topic
        |agenda|action""", PHRASE),
    "percentage": _labelled("discount|interest|commission|share|growth|humidity|vat rate|progress|battery", PERCENTAGE),
    "department": _labelled("department|unit|division|section|ward|cost centre", DEPARTMENT),
    "job": _labelled("position|profession|role|occupation|job title", JOB),
    "word": _labelled("nickname|username|password|variety|team|breed|keyword|alias|dialect|label", WORD),
    "enum": [
        *_labelled("status|state|stage", enum_kind("open|closed|pending|paid|overdue|cancelled|shipped|active")),
        *_labelled("priority|severity|urgency|risk", enum_kind("low|medium|high|critical")),
        *_labelled("size|format", enum_kind("small|medium|large|extra large")),
        *_labelled("payment method|paid by", enum_kind("card|cash|invoice|transfer|voucher")),
        *_labelled("category|type|class", enum_kind("standard|premium|basic|economy|business|student")),
        *_labelled("transport|shipped by", enum_kind("train|truck|ship|plane|bike")),
        *_labelled("condition|quality", enum_kind("new|used|damaged|refurbished|good|poor")),
        *_labelled("currency|billing currency", enum_kind("EUR|USD|GBP|CHF|SEK")),
        *_labelled("season|term time", enum_kind("spring|summer|autumn|winter")),
    ],
    "flag": _labelled("""insurance|breakfast|gift wrap|parking|express delivery|newsletter|night shift|assembly|air conditioning
        |remote access|backup|towels|cleaning|balcony|installation|wheelchair access|automatic renewal|a receipt
        |late check out|catering""", flag_kind("yes", "no")),
    "words": [
        *_labelled("tags|keywords|labels", list_kind(chosen(values.TAGS), 1, 4)),
        *_labelled("skills|languages|tools", list_kind(chosen(values.SKILLS), 1, 4)),
        *_labelled("participants|members|signers|speakers|passengers", list_kind(values.person, 2, 3)),
        *_labelled("colours|ink colours", list_kind(chosen(values.COLOURS), 2, 3)),
        *_labelled("ingredients|groceries", list_kind(chosen(values.FOODS), 2, 5)),
        *_labelled("stops|cities|branches", list_kind(values.city, 2, 4)),
    ],
    "numbers": _labelled("scores|readings|sizes|lap times|room numbers|measurements|winning numbers", number_list_kind(1, 200)),
    "items": _labelled("items|parts|goods|contents|order lines|supplies", items_kind(values.product)),
    "address": _labelled("address|delivery address|billing address|site address|postal address", ADDRESS),
    "contact": _labelled("contact person|key contact|on call contact", CONTACT),
}
RARE_GROUPS = {"items", "address", "contact", "numbers", "country", "street", "job", "word"}
MIXED_GROUPS = [group for group in MIXED for _ in range(1 if group in RARE_GROUPS else 3)]
REPEATABLE_GROUPS = ["person", "person", "date", "date", "code", "code", "amount", "amount", "count", "company", "city",
                     "time", "decimal", "place", "phrase", "product", "percentage", "email", "phone", "flag", "small count"]
SYNONYMS = {
    "price": ["cost"], "phone": ["telephone", "phone number"], "mobile": ["mobile number", "cell"], "due date": ["due by"],
    "deadline": ["closing deadline"], "quantity": ["number of units"], "email": ["e-mail", "mail address"],
    "duration": ["total duration"], "destination": ["final destination"], "total": ["total amount", "sum total"],
    "reference": ["ref", "reference number"], "website": ["web site", "site url"], "colour": ["color"],
    "customer id": ["customer number"], "order number": ["order no.", "order"], "owner": ["owned by", "owner's name"],
    "manager": ["managed by"], "author": ["written by"], "editor": ["edited by"], "rent": ["monthly rent"],
    "salary": ["annual salary"], "deposit": ["security deposit"], "weight": ["weight in kg"], "age": ["age in years"],
    "tags": ["tagged", "tag list"], "reason": ["stated reason"], "licence plate": ["license plate", "plate"],
    "start date": ["start", "starting date"], "end date": ["end", "ending date"], "supplier": ["supplied by"],
    "tracking number": ["tracking no.", "tracking code"], "expiry date": ["expires on", "expiration date"],
    "recipient": ["recipient's name"], "venue": ["venue name"], "height": ["height in cm"], "fee": ["fees"],
}

FOOD = chosen(values.FOODS)
PARTS = items_kind(values.product)

TRAIN = (
    domain("invoice", {
        "number": ("invoice number|invoice no|invoice id|bill number", CODE),
        "issued": ("invoice date|issue date|date of invoice", DATE),
        "due": ("due date|payment due|pay by", DATE),
        "customer": ("customer|bill to|customer name|client", PERSON),
        "seller": ("vendor|seller|supplier|issued by", COMPANY),
        "total": ("total|amount due|total amount|invoice total", AMOUNT),
        "tax": ("tax|vat|tax amount", amount_kind(600)),
        "lines": ("items|line items|positions", priced_items_kind(values.product)),
        "status": ("status|payment status", enum_kind("paid|unpaid|overdue|draft|partially paid")),
        "order": ("order number|order reference|po number", CODE),
    }, "Invoice|INVOICE|Your invoice|Billing statement|Accounts receivable", """
        Invoice {number} dated {issued} is attached.
        Please find invoice {number} from {seller} below.
        This is invoice {number}, made out to {customer}.
        The invoice was issued on {issued} and is due on {due}.
        The total comes to {total}.
        The total of {total} includes tax of {tax}.
        Of that, {tax} is tax.
        We kindly ask you to pay {total} by {due}.
        Payment is due on {due}.
        Please pay no later than {due}.
        We charged you for {lines}.
        Line items: {lines}.
        The invoice number is {number}.
        The invoice goes to our customer {customer}.
        {seller} issued this bill.
        The seller is {seller}.
        It is currently marked as {status}.
        Payment status: {status}.
        It refers to your order {order}.
        Invoice date: {issued}.
        """, """
        The previous bill over <amount> was already settled.
        Our bookkeeper <person> is on holiday.
        A reminder fee of <amount> would only apply later.
        """),
    domain("delivery", {
        "recipient": ("recipient|deliver to|recipient name|receiver", PERSON),
        "address": ("address|delivery address|ship to", ADDRESS),
        "date": ("delivery date|arrival date|date of delivery", DATE),
        "window": ("delivery time|time|time slot", TIME),
        "goods": ("items|goods|contents|products", PARTS),
        "driver": ("driver|courier|driver name", PERSON),
        "weight": ("weight kg|weight|parcel weight", decimal_kind(0.2, 60, 1, "{} kg|{}kg|{} kilos")),
        "phone": ("phone|contact number|recipient phone", PHONE),
        "signature": ("signature required|signature needed|needs signature",
                      "A signature is required.|Please sign for the parcel on delivery; a signature is required.",
                      "No signature is required.|You do not need to sign for the parcel.|Signature not required."),
        "instructions": ("instructions|delivery note|remark", text_kind(chosen(
            "leave it at the back door|ring twice|call before arrival|put it in the garage|hand it to the neighbour|"
            "use the side entrance|do not ring the bell|leave it with the porter|place it behind the fence"))),
    }, "Delivery note|Delivery confirmation|Your parcel|Shipping slip", """
        Your delivery will arrive on {date} at about {window}.
        The parcel is addressed to {recipient}, {address}.
        Please deliver to {address}.
        It should reach you on {date}.
        Delivery is planned for {date}.
        The time slot begins at {window}.
        The courier comes at {window}.
        The box contains {goods}.
        We packed {goods} for you.
        The driver will be {driver}.
        {driver} drives the van that day.
        The parcel weighs {weight}.
        The recipient can be called on {phone}.
        Recipient: {recipient}, phone {phone}.
        The recipient is {recipient}.
        Instructions: {instructions}.
        The customer asks the driver to follow this: {instructions}.
        """, """
        The depot closes at <time>.
        A parcel for <person> next door was delivered yesterday.
        The packaging can be recycled.
        """),
    domain("hotel booking", {
        "guest": ("guest|guest name|booked by|name", PERSON),
        "hotel": ("hotel|hotel name|property", PLACE),
        "arrival": ("check in|check in date|arrival|arrival date", DATE),
        "departure": ("check out|check out date|departure|departure date", DATE),
        "nights": ("nights|number of nights|stay nights", count_kind(1, 21, "{} nights|{} night(s)")),
        "room": ("room type|room|room category", enum_kind("single|double|twin|suite|family|deluxe|studio")),
        "adults": ("adults|number of adults|adult guests", count_kind(1, 6, "{} adults|{} adult(s)")),
        "children": ("children|kids|number of children", count_kind(0, 5, "{} children|{} kids")),
        "rate": ("price per night|nightly rate|room rate", amount_kind(700)),
        "code": ("confirmation number|booking reference|booking code|reservation id", CODE),
        "breakfast": ("breakfast|breakfast included|with breakfast", "Breakfast is included.|The rate includes breakfast.|Breakfast comes with the room.",
                      "Breakfast is not included.|The rate does not include breakfast.|No breakfast."),
    }, "Booking confirmation|Reservation|Hotel reservation|Your stay", """
        Your reservation at {hotel} is confirmed under number {code}.
        The confirmation number is {code}.
        We booked a {room} room at {hotel} for {guest}.
        The room is a {room} room.
        Check-in is on {arrival} and check-out on {departure}.
        You arrive on {arrival}.
        Arrival: {arrival}; departure: {departure}.
        The departure is planned for {departure}.
        The stay is for {nights}.
        The room sleeps {adults} and {children}.
        The booking is for {adults}.
        There will be {children} with them.
        We charge {rate} per night.
        The nightly rate is {rate}.
        The reservation is in the name of {guest}.
        The hotel is called {hotel}.
        """, """
        The sauna opens at <time>.
        Our concierge <first> is happy to help.
        Parking costs <amount> per day.
        The pool is being renovated until <date>.
        """),
    domain("flight", {
        "flight": ("flight number|flight|flight no", text_kind(lambda rng: rng.choice(["OS", "LH", "BA", "AF", "TK", "KL", "EK", "QR", "AY", "SK", "IB"]) + rng.choice(["", " "]) + str(rng.randint(10, 9999)))),
        "passenger": ("passenger|passenger name|traveller", PERSON),
        "origin": ("from|origin|departure city|departure airport", CITY),
        "destination": ("to|destination|arrival city|destination city", CITY),
        "date": ("flight date|date of travel|travel date", DATE),
        "departs": ("departure time|departs|takeoff", TIME),
        "lands": ("arrival time|lands|landing time", TIME),
        "gate": ("gate|gate number|boarding gate", text_kind(lambda rng: rng.choice("ABCDEFG") + str(rng.randint(1, 60)))),
        "seat": ("seat|seat number|assigned seat", text_kind(lambda rng: str(rng.randint(1, 44)) + rng.choice("ABCDEF"))),
        "cabin": ("class|cabin|travel class", enum_kind("economy|business|first|premium economy")),
        "bags": ("bags|checked bags|baggage pieces", count_kind(0, 4, "{} checked bags|{} bags")),
    }, "Flight itinerary|E-ticket|Boarding information|Travel plan", """
        Flight {flight} goes from {origin} to {destination}.
        You fly with {flight} on {date}.
        The flight number is {flight}.
        The plane leaves {origin} at {departs}.
        It starts in {origin}.
        The destination is {destination}.
        It lands in {destination} at {lands}.
        Departure time is {departs}, arrival time {lands}.
        Takeoff is at {departs}.
        The landing is expected at {lands}.
        The date of travel is {date}.
        The passenger is {passenger}, seat {seat}.
        The ticket is for {passenger}.
        Your seat is {seat}.
        Boarding is at gate {gate}.
        The booking is in {cabin} class.
        You may take {bags}.
        """, """
        Boarding passes for other flights, such as that of <person>, are sent separately.
        The lounge serves drinks until <time>.
        Liquids are limited in hand luggage.
        """),
    domain("job ad", {
        "title": ("job title|position|role|title", JOB),
        "employer": ("company|employer|organisation", COMPANY),
        "place": ("location|city|place of work", CITY),
        "salary": ("salary|annual salary|pay", amount_kind(90000)),
        "kind": ("employment type|contract type|type", enum_kind("full-time|part-time|temporary|permanent|internship|freelance")),
        "skills": ("skills|required skills|requirements", list_kind(chosen(values.SKILLS), 1, 4)),
        "years": ("years of experience|experience years|experience", count_kind(1, 12, "{} years|{} years of work")),
        "deadline": ("application deadline|deadline|apply by", DATE),
        "contact": ("contact email|apply to|email", EMAIL),
        "remote": ("remote|remote work|home office", "Remote work is possible.|You can work remotely.|Home office is possible.",
                   "Remote work is not possible.|You cannot work remotely.|No home office."),
    }, "Vacancy|We are hiring|Job offer|Open position", """
        {employer} is looking for a new colleague as {title} in {place}.
        The position: {title}.
        We at {employer} are growing.
        The workplace is in {place}.
        The salary is {salary} per year.
        We pay {salary} a year.
        It is a {kind} position.
        You should bring skills in {skills}.
        Required skills are {skills}.
        We ask for {years} experience.
        Experience needed: {years}.
        Please apply by {deadline}.
        Send your application to {contact} before {deadline}.
        Applications go to {contact}.
        """, """
        Our founder <person> started with <number> employees.
        We have a nice canteen.
        The last hire began on <date>.
        """),
    domain("support ticket", {
        "id": ("ticket number|ticket id|case id|ticket", CODE),
        "customer": ("customer|reported by|requester|customer name", PERSON),
        "product": ("product|affected product|device", PRODUCT),
        "problem": ("issue|problem|subject", PHRASE),
        "priority": ("priority|urgency|severity", enum_kind("low|normal|high|urgent|critical")),
        "status": ("status|ticket status|state", enum_kind("open|closed|pending|resolved|on hold|escalated")),
        "agent": ("assigned to|agent|assignee", PERSON),
        "opened": ("opened on|created on|date opened", DATE),
        "email": ("email|customer email|requester email", EMAIL),
        "tags": ("tags|labels|keywords", list_kind(chosen(values.TAGS), 1, 4)),
    }, "Support ticket|Helpdesk|Ticket update|Service desk notification", """
        Ticket {id} was opened on {opened}.
        The ticket has the number {id}.
        It was created on {opened} by {customer}.
        {customer} reported a problem with the {product}.
        The customer is {customer} ({email}).
        The customer wrote from {email}.
        The customer is {customer}.
        The request came from {customer}.
        The affected product is the {product}.
        Opened on {opened}.
        The issue in short: {problem}.
        The problem is described as "{problem}".
        Priority is {priority}.
        We rated the priority as {priority}, status {status}.
        The status is now {status}.
        The ticket is assigned to {agent}.
        {agent} will take care of the ticket.
        Tagged with {tags}.
        Tags: {tags}.
        """, """
        A similar case, <code>, was closed last year.
        <person> in the next team has seen this before.
        The knowledge base was updated on <date>.
        """),
    domain("product listing", {
        "name": ("product|product name|name|article", PRODUCT),
        "brand": ("brand|manufacturer|maker", COMPANY),
        "price": ("price|unit price|cost", amount_kind(1500)),
        "colour": ("colour|color|product colour", COLOUR),
        "stock": ("stock|in stock count|units available|quantity available", count_kind(0, 900, "{} units|{} pieces")),
        "sku": ("sku|article number|item number", CODE),
        "rating": ("rating|stars|average rating", decimal_kind(1, 5, 1, "{} stars|{} out of 5")),
        "weight": ("weight|weight kg|item weight", decimal_kind(0.1, 40, 1, "{} kg|{} kilograms")),
        "sizes": ("sizes|available sizes|size list", list_kind(chosen("XS|S|M|L|XL|XXL|38|40|42|44|46"), 1, 4)),
        "warranty": ("warranty|warranty period|guarantee", DURATION),
        "refundable": ("returnable|returns accepted|can be returned", "Returns are accepted.|The item can be returned.", "Returns are not accepted.|The item cannot be returned."),
    }, "New in our shop|Product sheet|Catalogue entry|For sale", """
        The {name} by {brand} costs {price}.
        New in our shop: the {name}.
        The product is called {name}.
        It is made by {brand}.
        The brand is {brand}.
        The price is {price}.
        You pay {price} for it.
        It comes in {colour}.
        The colour is {colour}.
        There are {stock} in stock.
        Article number {sku}, {stock} available.
        Its SKU is {sku}.
        Customers rate it {rating}.
        It weighs {weight}.
        Available sizes: {sizes}.
        You can have it in sizes {sizes}.
        The warranty lasts {warranty}.
        """, """
        The older model cost <amount>.
        Shipping takes a few days.
        Customers who liked this also bought the <product>.
        """),
    domain("real estate", {
        "kind": ("property type|type|kind", enum_kind("apartment|house|studio|loft|cottage|villa|bungalow")),
        "address": ("address|property address|location", ADDRESS),
        "rent": ("rent|monthly rent|rent per month", amount_kind(3500)),
        "deposit": ("deposit|security deposit", amount_kind(5000)),
        "rooms": ("rooms|number of rooms|room count", count_kind(1, 9, "{} rooms")),
        "area": ("area|living area|square metres|size sqm", count_kind(18, 320, "{} square metres|{} m2|{} sqm")),
        "floor": ("floor|floor number|storey", count_kind(1, 30, "floor {}|level {}")),
        "available": ("available from|free from|move in date", DATE),
        "agent": ("agent|contact person|broker", PERSON),
        "phone": ("phone|agent phone|contact phone", PHONE),
        "pets": ("pets allowed|pets|pets permitted", "Pets are allowed.|Pets are welcome.", "Pets are not allowed.|No pets, please.|Sorry, no pets."),
    }, "To let|Property for rent|Listing|New home", """
        We offer this {kind} at {address}.
        It is a bright {kind} with {rooms}.
        The {kind} measures {area}.
        We are letting a {kind}.
        Property type: {kind}.
        The property is at {address}.
        Monthly rent is {rent}, the deposit {deposit}.
        The rent is {rent} a month.
        A deposit of {deposit} is needed.
        There are {rooms} in total.
        The living area is {area}.
        The flat is on {floor}.
        You can move in from {available}.
        It is available from {available}.
        Please contact our agent {agent} at {phone}.
        The agent is {agent}.
        Call {phone} for a viewing.
        """, """
        The previous tenant stayed for <number> weeks.
        The station is a short walk away.
        A similar flat went for <amount> last spring.
        """),
    domain("event", {
        "name": ("event|event name|title", TITLE),
        "venue": ("venue|place|where", PLACE),
        "date": ("date|event date|day", DATE),
        "start": ("start time|starts at|begin", TIME),
        "end": ("end time|ends at|finish", TIME),
        "speakers": ("speakers|performers|guests", list_kind(values.person, 1, 3)),
        "price": ("ticket price|entry fee|price", amount_kind(200)),
        "capacity": ("capacity|max attendees|seats", count_kind(10, 5000, "{} seats|{} people")),
        "organiser": ("organiser|host|organised by", COMPANY),
        "free": ("registration required|sign up needed|needs registration", "Registration is required.|You must register.",
                 "Registration is not required.|No need to register."),
        "site": ("website|link|url", URL),
    }, "Save the date|Invitation|Event programme|What's on", """
        "{name}" takes place at {venue} on {date}.
        Join us for {name}.
        The event is called {name}.
        The venue is {venue}.
        The date is {date}.
        Mark {date} in your calendar.
        Doors open and the programme starts at {start}.
        It starts at {start} and ends at {end}.
        We finish at {end}.
        Speakers: {speakers}.
        On stage you will see {speakers}.
        A ticket costs {price}.
        The hall has room for {capacity}.
        It is organised by {organiser}.
        More at {site}.
        """, """
        Last year's edition drew <number> visitors.
        The bar accepts cards.
        Photos by <person> will be on display in the foyer.
        """),
    domain("recipe", {
        "name": ("dish|recipe name|name", text_kind(lambda rng: rng.choice(["Spicy", "Creamy", "Roasted", "Grandma's", "Quick", values.made_up_name(rng)]) + " " + rng.choice(values.FOODS) + " " + rng.choice("soup stew pie salad cake curry bake tart pasta".split()))),
        "servings": ("servings|serves|portions", count_kind(1, 12, "{} people|{} portions|{}")),
        "prep": ("prep time|preparation time|preparation", text_kind(lambda rng: f"{rng.randint(5, 60)} minutes")),
        "cook": ("cook time|cooking time|baking time", text_kind(lambda rng: f"{rng.randint(5, 180)} {rng.choice(['min', 'minutes'])}")),
        "ingredients": ("ingredients|ingredient list|needed ingredients", list_kind(FOOD, 2, 5)),
        "amounts": ("quantities|shopping list|groceries", items_kind(FOOD)),
        "difficulty": ("difficulty|level|skill level", enum_kind("easy|medium|hard|advanced")),
        "calories": ("calories|kcal|energy kcal", count_kind(120, 1400, "{} kcal|{} calories")),
        "author": ("author|cook|recipe by", PERSON),
        "oven": ("oven temperature|temperature|oven celsius", count_kind(120, 250, "{} C|{} degrees")),
        "vegan": ("vegan|is vegan", "The dish is vegan.|This one is vegan.", "The dish is not vegan.|Careful, it is not vegan."),
    }, "Recipe|From the kitchen|Cookbook page|Today's dish", """
        {name} serves {servings}.
        Today we make {name}.
        The recipe is by {author}.
        It was sent in by {author}.
        This makes enough for {servings}.
        Preparation takes {prep}, cooking {cook}.
        You need {prep} of preparation time.
        The cooking time is {cook}.
        Ingredients: {ingredients}.
        You will need the following ingredients: {ingredients}.
        Shopping list: {amounts}.
        The difficulty is {difficulty}.
        A portion has {calories}.
        Heat the oven to {oven}.
        """, """
        My aunt <first> adds a pinch of nutmeg.
        Leftovers keep for a few days.
        We cooked it first on <date>.
        """),
    domain("medical appointment", {
        "patient": ("patient|patient name|name of patient", PERSON),
        "doctor": ("doctor|physician|seen by", text_kind(lambda rng: "Dr " + values.last_name(rng))),
        "department": ("department|ward|clinic", DEPARTMENT),
        "date": ("appointment date|date|day of appointment", DATE),
        "time": ("appointment time|time|hour", TIME),
        "reason": ("reason|complaint|reason for visit", text_kind(chosen("back pain|annual check|sore throat|skin rash|knee injury|headache|blood test|vaccination|follow-up visit|chest pain|allergy test|eye test|dizziness"))),
        "born": ("date of birth|birth date|born on", DATE),
        "insurer": ("insurance|insurer|health insurance", COMPANY),
        "room": ("room|room number|exam room", count_kind(1, 420, "room {}")),
        "drugs": ("medications|current medication|drugs", list_kind(lambda rng: values.syllables(rng, 2, 3) + rng.choice(["ol", "in", "ide", "ine"]), 1, 3)),
        "fasting": ("fasting|fasting required|must fast", "Please come fasting.|Fasting is required.", "Fasting is not required.|You do not need to fast."),
    }, "Appointment|Appointment reminder|Clinic letter|Patient record", """
        {patient} has an appointment with {doctor} on {date} at {time}.
        The patient is {patient}, born on {born}.
        This is a reminder for {patient}.
        The doctor will be {doctor}.
        {doctor} will see the patient.
        The appointment is on {date}.
        Please come at {time}.
        Please go to {department}.
        The department is {department}, {room}.
        You will be seen in {room}.
        The reason for the visit is {reason}.
        Patient's date of birth: {born}.
        The insurance is {insurer}.
        Current medication: {drugs}.
        The patient takes {drugs}.
        """, """
        The reception is open until <time>.
        The nurse on duty was <person>.
        Masks are optional in the waiting area.
        """),
    domain("bank transfer", {
        "amount": ("amount|transfer amount|sum", AMOUNT),
        "sender": ("sender|from|payer", PERSON),
        "receiver": ("recipient|payee|beneficiary", PERSON),
        "iban": ("account|iban|recipient account", text_kind(lambda rng: rng.choice(["AT", "DE", "FR", "ES"]) + "".join(rng.choice("0123456789") for _ in range(rng.randint(10, 16))))),
        "bank": ("bank|bank name|receiving bank", COMPANY),
        "date": ("execution date|value date|transfer date", DATE),
        "reference": ("reference|payment reference|reference number", CODE),
        "purpose": ("purpose|description|payment purpose", PHRASE),
        "fee": ("fee|transfer fee|charges", amount_kind(40)),
        "balance": ("new balance|balance|remaining balance", amount_kind(9000)),
        "instant": ("instant|instant transfer|real time", "It was an instant transfer.|Sent as an instant transfer.", "It was not an instant transfer.|Sent as a normal, not instant, transfer."),
    }, "Transfer order|Payment advice|Bank notification|Transaction", """
        {sender} sent {amount} to {receiver}.
        The amount is {amount}.
        A sum of {amount} was transferred on {date}.
        The transfer was executed on {date}.
        The sender is {sender}.
        The payer was {sender}.
        The recipient is {receiver}, account {iban}.
        The money goes to {receiver}.
        The receiving account is {iban}.
        It is held at {bank}.
        The receiving bank is {bank}.
        The payment reference is {reference}.
        Purpose: {purpose}.
        The purpose of payment was given as {purpose}.
        The bank charged a fee of {fee}.
        Your new balance is {balance}.
        """, """
        Never share your PIN.
        The branch opens at <time>.
        Our adviser <person> can be reached during the day.
        """),
    domain("bug report", {
        "id": ("bug id|issue id|issue number", CODE),
        "title": ("title|summary|bug title", PHRASE),
        "reporter": ("reporter|reported by|submitted by", PERSON),
        "assignee": ("assignee|assigned to|developer", PERSON),
        "version": ("version|affected version|build", text_kind(lambda rng: f"{rng.choice(['v', ''])}{rng.randint(0, 20)}.{rng.randint(0, 30)}.{rng.randint(0, 30)}")),
        "system": ("operating system|os|platform", enum_kind("Windows|macOS|Linux|Android|iOS|FreeBSD")),
        "severity": ("severity|severity level|impact", enum_kind("minor|major|critical|trivial|blocker")),
        "component": ("component|module|area", WORD),
        "crashes": ("crash count|crashes|number of crashes", count_kind(1, 400, "{} times|{} crashes")),
        "found": ("found on|date found|reported on", DATE),
        "reproducible": ("reproducible|can reproduce", "The bug is reproducible.|We can reproduce it.", "The bug is not reproducible.|We cannot reproduce it."),
    }, "Bug report|Issue|Defect|Crash report", """
        Bug {id} was reported by {reporter} on {found}.
        This is issue {id}.
        Issue {id}: {title}.
        Summary: {title}.
        The reporter is {reporter}.
        It was found on {found}.
        The bug affects version {version} on {system}.
        The version is {version}.
        The operating system is {system}.
        The severity is {severity}.
        We consider it {severity} in severity.
        The component is {component}.
        It happens in the {component} module.
        It crashed {crashes}.
        It is assigned to {assignee}.
        {assignee} will fix it.
        """, """
        Build <number> of the test suite is unrelated.
        <person> wrote the original code years ago.
        A log file is attached.
        """),
    domain("course enrolment", {
        "student": ("student|student name|participant", PERSON),
        "id": ("student id|matriculation number|enrolment number", CODE),
        "course": ("course|course title|class name", TOPIC),
        "teacher": ("instructor|teacher|lecturer", PERSON),
        "start": ("start date|begins on|first day", DATE),
        "end": ("end date|ends on|last day", DATE),
        "days": ("weekdays|days|class days", list_kind(chosen(values.WEEKDAYS), 1, 3)),
        "room": ("room|classroom|lecture room", text_kind(lambda rng: rng.choice("ABCHRS") + str(rng.randint(1, 499)))),
        "credits": ("credits|credit points|ects", count_kind(1, 15, "{} credits|{} ECTS")),
        "fee": ("fee|course fee|tuition", amount_kind(1500)),
        "level": ("level|course level", enum_kind("beginner|intermediate|advanced|refresher")),
        "certificate": ("certificate|certificate included|with certificate", "You will receive a certificate.|A certificate is included.", "There is no certificate.|A certificate is not included."),
    }, "Enrolment|Course registration|Class confirmation|Registrar's office", """
        {student} is enrolled in "{course}".
        We confirm the enrolment of {student} with student number {id}.
        The course is {course}, taught by {teacher}.
        The course title is {course}.
        Student id: {id}.
        The student is {student}.
        {student} has signed up.
        Your instructor is {teacher}.
        It runs from {start} to {end}.
        The first day is {start}.
        The last day of class is {end}.
        Classes are held on {days}.
        The classroom is {room}.
        You earn {credits}.
        The course fee is {fee}.
        It is a course at {level} level.
        """, """
        The library card costs <amount> extra.
        Another course by <person> is fully booked.
        The canteen is closed on <weekday>.
        """),
    domain("car rental", {
        "renter": ("renter|driver|customer", PERSON),
        "model": ("car|vehicle|car model", text_kind(lambda rng: f"{values.made_up_name(rng)} {rng.choice(['GT', 'S', 'X', 'Estate', 'Combi', str(rng.randint(1, 900))])}")),
        "plate": ("licence plate|plate|registration number", CODE),
        "pickup": ("pickup date|collected on|rental start", DATE),
        "back": ("return date|drop off date|rental end", DATE),
        "station": ("pickup location|pickup station|collected at", PLACE),
        "rate": ("daily rate|price per day|rate per day", amount_kind(250)),
        "deposit": ("deposit|security deposit", amount_kind(2000)),
        "mileage": ("mileage|odometer|km reading", count_kind(10, 180000, "{} km|{} kilometres")),
        "fuel": ("fuel|fuel type|engine", enum_kind("petrol|diesel|electric|hybrid|hydrogen")),
        "insured": ("insurance|insurance included|full cover", "Insurance is included.|The car comes with full insurance cover.", "Insurance is not included.|The price is without insurance cover."),
    }, "Rental agreement|Car hire|Vehicle voucher|Rental summary", """
        {renter} rents the {model} from {pickup} to {back}.
        The vehicle is the {model}, plate {plate}.
        The renter is {renter}.
        You have chosen the {model}.
        The licence plate reads {plate}.
        Pick the car up at {station} on {pickup}.
        The pickup date is {pickup}.
        The car is collected at {station}.
        Please return it on {back}.
        The daily rate is {rate}.
        You pay {rate} per day plus a deposit of {deposit}.
        We block a deposit of {deposit} on your card.
        The odometer shows {mileage}.
        It has a {fuel} engine.
        Fuel: {fuel}.
        """, """
        A child seat would cost <amount> more.
        Our night desk is staffed by <person>.
        The car wash closes at <time>.
        """),
    domain("restaurant review", {
        "place": ("restaurant|restaurant name|place", text_kind(lambda rng: rng.choice(["Cafe", "Trattoria", "Bistro", "Chez", "Tavern", "Osteria"]) + " " + rng.choice([values.made_up_name, values.last_name, values.first_name])(rng))),
        "reviewer": ("reviewer|author|written by", PERSON),
        "city": ("city|town|location", CITY),
        "rating": ("rating|stars|score", decimal_kind(1, 5, 1, "{} stars|{} out of 5")),
        "cuisine": ("cuisine|food style|kitchen", enum_kind("Italian|Thai|French|Mexican|Indian|Greek|Austrian|Korean")),
        "dishes": ("dishes|ordered dishes|dishes tried", list_kind(lambda rng: f"{rng.choice(['grilled', 'fried', 'cold', 'sweet', 'stuffed'])} {rng.choice(values.FOODS)}", 1, 3)),
        "bill": ("bill|total bill|paid", amount_kind(250)),
        "waiter": ("waiter|server|served by", text_kind(values.first_name)),
        "visited": ("visit date|visited on|date of visit", DATE),
        "wait": ("waiting time|wait|time waited", text_kind(lambda rng: f"{rng.randint(3, 90)} minutes")),
        "again": ("recommended|would recommend|recommends", "I recommend it.|I would recommend this place.", "I do not recommend it.|I would not recommend this place."),
    }, "Review|Dinner review|Guest opinion|Food diary", """
        We visited {place} in {city} on {visited}.
        {place} is a small place in {city}.
        The restaurant is called {place}.
        The restaurant is located in {city}.
        My visit was on {visited}.
        They serve {cuisine} food.
        The cuisine is {cuisine}.
        I give it {rating}.
        My rating: {rating}.
        We ordered {dishes}.
        The dishes we tried: {dishes}.
        The bill was {bill}.
        Together we paid {bill}.
        Our waiter {waiter} was kind.
        We were served by {waiter}.
        We had to wait {wait} for the food.
        Review by {reviewer}.
        Written by {reviewer}.
        """, """
        The table next to us had a birthday party.
        A friend, <first>, had told us about a different bistro.
        The wine list has <number> entries.
        """),
    domain("book record", {
        "title": ("title|book title|name", TITLE),
        "author": ("author|written by|writer", PERSON),
        "publisher": ("publisher|publishing house|published by", COMPANY),
        "year": ("year|publication year|year published", count_kind(1850, 2025)),
        "pages": ("pages|page count|number of pages", count_kind(40, 1200, "{} pages")),
        "isbn": ("isbn|isbn number|book number", text_kind(lambda rng: f"978-{rng.randint(0, 9)}-{rng.randint(100, 99999)}-{rng.randint(10, 999)}-{rng.randint(0, 9)}")),
        "genre": ("genre|category|kind of book", enum_kind("novel|poetry|biography|thriller|fantasy|history|essay|travel")),
        "language": ("language|original language", enum_kind("English|German|French|Spanish|Polish|Japanese|Italian")),
        "translator": ("translator|translated by", PERSON),
        "shelf": ("shelf|shelf mark|call number", CODE),
        "loaned": ("on loan|checked out|is borrowed", "The copy is on loan.|It is currently checked out.", "The copy is not on loan.|It is not checked out."),
    }, "Catalogue card|Library record|Book entry|New acquisition", """
        "{title}" by {author} was published in {year} by {publisher}.
        The title is {title}.
        The author is {author}.
        {author} wrote the book.
        It was published by {publisher}.
        The publisher is {publisher}.
        The year of publication is {year}.
        The volume has {pages}.
        ISBN {isbn}.
        Its ISBN is {isbn}.
        The genre is {genre}.
        The original language is {language}.
        It was translated by {translator} from {language}.
        The translator is {translator}.
        You find it on shelf {shelf}.
        """, """
        The foreword is unsigned.
        Another copy was donated by <person>'s family.
        The reading room closes at <time>.
        """),
    domain("weather report", {
        "city": ("city|place|location", CITY),
        "date": ("date|report date|day", DATE),
        "high": ("high|maximum temperature|max temp", decimal_kind(-10, 42, 1, "{} degrees|{} C")),
        "low": ("low|minimum temperature|min temp", decimal_kind(-30, 25, 1, "{} degrees|{} C")),
        "wind": ("wind speed|wind|wind kmh", count_kind(0, 140, "{} km/h|{} kph")),
        "direction": ("wind direction|wind from", enum_kind("north|south|east|west|northeast|southwest|northwest")),
        "humidity": ("humidity|relative humidity", PERCENTAGE),
        "sky": ("conditions|sky|condition", enum_kind("sunny|cloudy|rainy|foggy|stormy|snowy|clear|overcast")),
        "rain": ("rain mm|rainfall|precipitation", decimal_kind(0, 80, 1, "{} mm|{} millimetres")),
        "sunrise": ("sunrise|sun rises", TIME),
        "warning": ("storm warning|warning|warning issued", "A storm warning is in force.|There is a storm warning.", "There is no storm warning.|No storm warning is in force."),
    }, "Weather bulletin|Forecast|Station report|Weather today", """
        Forecast for {city} on {date}: {sky}.
        This is the weather in {city}.
        The report is for {date}.
        It will be {sky} all day.
        The maximum temperature is {high}.
        Temperatures reach a high of {high} and a low of {low}.
        The low will be {low}.
        Wind blows at {wind} from the {direction}.
        The wind speed is {wind}.
        The wind comes from the {direction}.
        Humidity is {humidity}.
        We expect {rain} of rain.
        Sunrise is at {sunrise}.
        """, """
        The record was set <number> weeks ago.
        Our meteorologist <person> is on leave.
        The coast will be different.
        """),
    domain("warranty claim", {
        "claim": ("claim number|claim id|claim", CODE),
        "product": ("product|item|device", PRODUCT),
        "serial": ("serial number|serial|serial no", CODE),
        "bought": ("purchase date|bought on|date of purchase", DATE),
        "shop": ("retailer|shop|bought at", COMPANY),
        "defect": ("defect|fault|problem", text_kind(chosen("does not switch on|leaks water|screen is cracked|motor overheats|smells of smoke|battery drains fast|handle came off|makes a grinding noise|paint peels off|button is stuck|blade is bent"))),
        "owner": ("customer|owner|claimant", PERSON),
        "price": ("price paid|purchase price|price", amount_kind(1800)),
        "wish": ("requested remedy|remedy|resolution", enum_kind("repair|replacement|refund|credit note|discount")),
        "parts": ("enclosed items|enclosed parts|accessories", PARTS),
        "receipt": ("receipt attached|receipt enclosed|has receipt", "The receipt is attached.|I enclose the receipt.", "The receipt is not attached.|I do not have the receipt."),
    }, "Warranty claim|Complaint|Return request|Guarantee form", """
        I bought the {product} at {shop} on {bought}.
        My claim concerns the {product}.
        The product is the {product}, serial number {serial}.
        The serial number is {serial}.
        It was purchased on {bought}.
        I bought it at {shop}.
        The defect: it {defect}.
        Fault description: {defect}.
        The price was {price}.
        I paid {price}.
        Claim {claim} was filed by {owner}.
        The claim number is {claim}.
        The owner is {owner}.
        I ask for a {wish}.
        The requested remedy is {wish}.
        Enclosed you find {parts}.
        """, """
        My neighbour <first> has the same trouble with a toaster.
        I called the hotline at <time> without luck.
        An earlier case, <code>, was solved well.
        """),
    domain("membership", {
        "member": ("member|member name|name", PERSON),
        "id": ("membership number|member id|card number", CODE),
        "club": ("club|organisation|club name", COMPANY),
        "tier": ("tier|membership level|plan", enum_kind("bronze|silver|gold|platinum|basic|junior")),
        "joined": ("joined|member since|join date", DATE),
        "expires": ("expires|valid until|expiry date", DATE),
        "fee": ("annual fee|yearly fee|membership fee", amount_kind(600)),
        "points": ("points|bonus points|points balance", count_kind(0, 20000, "{} points")),
        "email": ("email|contact email|member email", EMAIL),
        "born": ("birthday|date of birth", DATE),
        "renews": ("auto renew|automatic renewal|renews automatically", "The membership renews automatically.|Automatic renewal is on.", "The membership does not renew automatically.|Automatic renewal is off."),
    }, "Membership card|Welcome to the club|Member profile|Membership renewal", """
        Welcome to {club}, {member}!
        {member} is a member of {club} since {joined}.
        The member's name is {member}.
        The club is {club}.
        The membership number is {id}.
        Your card carries the number {id}.
        You hold {tier} membership valid until {expires}.
        The tier is {tier}.
        The join date is {joined}.
        The card is valid until {expires}.
        The annual fee is {fee}.
        You have collected {points}.
        Your email on file is {email}.
        Birthday: {born}.
        """, """
        Our president <person> welcomes all newcomers.
        The summer party takes place on <date>.
        Lost cards cost <amount>.
        """),
    domain("subscription", {
        "service": ("service|subscription|product name", text_kind(lambda rng: values.made_up_name(rng) + rng.choice([" Plus", " TV", " Cloud", " Music", " Daily", " Pro"]))),
        "subscriber": ("subscriber|customer|account holder", PERSON),
        "plan": ("plan|plan name|package", enum_kind("basic|standard|premium|family|student|team")),
        "price": ("price|monthly price|monthly fee", amount_kind(90)),
        "cycle": ("billing cycle|billing period|billed", enum_kind("monthly|yearly|quarterly|weekly")),
        "next": ("next billing date|next payment|renews on", DATE),
        "started": ("start date|subscribed on|active since", DATE),
        "devices": ("devices|number of devices|max devices", count_kind(1, 12, "{} devices")),
        "card": ("card ending|last four digits|card last four", text_kind(lambda rng: f"{rng.randint(0, 9999):04d}")),
        "channels": ("add ons|extras|extra packages", list_kind(lambda rng: rng.choice(["Sports", "Kids", "Cinema", "News", "Backup", "Storage", "Classic"]) + rng.choice(["", " Pack", " Extra"]), 1, 3)),
        "ads": ("ads|has ads|with ads", "The plan is with ads.|Ads: yes.", "The plan is without ads.|There are no ads."),
    }, "Your subscription|Subscription summary|Account notice|Billing notice", """
        Your {plan} plan of {service} costs {price}.
        You subscribed to {service}.
        The service is {service}.
        The subscriber is {subscriber}.
        The subscription belongs to {subscriber}.
        You are on the {plan} plan, billed {cycle}.
        Your plan is {plan}.
        It is billed {cycle}.
        The price is {price}.
        The next payment is due on {next}.
        You have been a subscriber since {started}.
        It started on {started} and the next billing date is {next}.
        You can watch on {devices}.
        We charge the card ending in {card}.
        Add-ons: {channels}.
        You added {channels} as extras.
        """, """
        The old tariff of <amount> no longer exists.
        Our help pages answer most questions.
        An update was released on <date>.
        """),
    domain("rsvp", {
        "guest": ("guest|name|guest name", PERSON),
        "occasion": ("occasion|event|celebration", enum_kind("wedding|birthday|anniversary|graduation|housewarming|retirement party|baptism")),
        "host": ("host|hosts|invited by", PERSON),
        "date": ("date|event date|party date", DATE),
        "place": ("venue|place|location", PLACE),
        "count": ("party size|number of guests|guests", count_kind(1, 9, "{} people|{} persons|{} of us")),
        "meal": ("meal choice|meal|menu", enum_kind("fish|beef|chicken|vegetarian|vegan|pasta")),
        "allergies": ("allergies|food allergies|allergic to", list_kind(FOOD, 1, 3)),
        "song": ("song request|song|music wish", TITLE),
        "arrive": ("arrival time|arriving at|comes at", TIME),
        "coming": ("attending|will attend|coming", "Yes, I will attend.|I am happy to attend.|Count me in, I will come.", "I cannot attend.|Unfortunately I will not attend.|I am not able to come."),
        "hotel": ("hotel needed|needs hotel|needs a room", "A hotel room is needed.|We need a hotel room.", "No hotel room is needed.|We do not need a hotel."),
    }, "RSVP|Reply card|Answer to the invitation|Guest reply", """
        This is the reply of {guest} to the {occasion} of {host}.
        The guest is {guest}.
        Thank you for the invitation to the {occasion} on {date}.
        The occasion is a {occasion}.
        The host is {host}.
        You were invited by {host}.
        The party is on {date} at {place}.
        The date is {date}.
        The venue is {place}.
        There will be {count}.
        We are {count}.
        For the meal we choose {meal}.
        The meal choice is {meal}.
        Allergies: {allergies}.
        Someone in our group is allergic to {allergies}.
        Please play the song "{song}".
        The arrival time will be {arrive}.
        """, """
        My cousin <first> answers separately.
        The gift list was a good idea.
        The train ticket cost <amount>.
        """),
    domain("contract", {
        "id": ("contract number|contract id|agreement number", CODE),
        "provider": ("provider|contractor|supplier", COMPANY),
        "client": ("client|customer|purchaser", COMPANY),
        "signed": ("signed on|signing date|date signed", DATE),
        "starts": ("effective date|start date|effective from", DATE),
        "ends": ("end date|expires on|termination date", DATE),
        "value": ("contract value|total value|value", amount_kind(90000)),
        "notice": ("notice period|termination notice|notice", DURATION),
        "signers": ("signatories|signed by|signers", list_kind(values.person, 1, 2)),
        "law": ("governing law|jurisdiction|applicable law", COUNTRY),
        "confidential": ("confidential|confidentiality clause|is confidential", "The contract is confidential.|A confidentiality clause applies.", "The contract is not confidential.|No confidentiality clause applies."),
    }, "Contract summary|Service agreement|Framework agreement|Agreement", """
        Contract {id} between the provider {provider} and the client {client}.
        The agreement number is {id}.
        The provider is {provider}.
        The client is {client}.
        {provider} will work for {client}.
        It was signed on {signed} by {signers}.
        The date of signing is {signed}.
        Signatories: {signers}.
        It takes effect on {starts} and ends on {ends}.
        The effective date is {starts}.
        The end date is {ends}.
        The contract value is {value}.
        The notice period is {notice}.
        Governed by the law of {law}.
        """, """
        An earlier draft of <date> is void.
        The notary <person> kept a copy.
        Travel costs up to <amount> are paid separately.
        """),
    domain("shipment tracking", {
        "tracking": ("tracking number|tracking id|tracking code", CODE),
        "carrier": ("carrier|shipping company|shipped with", COMPANY),
        "origin": ("origin|shipped from|sent from", CITY),
        "destination": ("destination|shipped to|going to", CITY),
        "status": ("status|shipment status|state", enum_kind("in transit|delivered|delayed|lost|returned|held at customs")),
        "current": ("current location|last location|last seen", CITY),
        "eta": ("estimated delivery|eta|expected on", DATE),
        "shipped": ("ship date|shipped on|dispatched", DATE),
        "pieces": ("pieces|packages|number of parcels", count_kind(1, 40, "{} pieces|{} packages")),
        "weight": ("weight|gross weight|weight kg", decimal_kind(0.3, 900, 1, "{} kg")),
        "express": ("express|express service|is express", "It travels with express service.|Express: yes.", "It does not travel express.|No express service was booked."),
    }, "Tracking update|Shipment notice|Track and trace|Consignment", """
        Shipment {tracking} with {carrier} is {status}.
        The tracking number is {tracking}.
        The carrier is {carrier}.
        It was shipped from {origin} to {destination} on {shipped}.
        The shipment started in {origin}.
        The destination is {destination}.
        It left our house on {shipped}.
        The status is {status}.
        Currently the freight is in {current}.
        The last known location is {current}.
        The estimated delivery is {eta}.
        The consignment has {pieces}.
        The gross weight is {weight}.
        """, """
        Customs officer <person> checked another container.
        The storage fee of <amount> applies after a week.
        The last scan took place at <time>.
        """),
    domain("press release", {
        "company": ("company|issuer|organisation", COMPANY),
        "product": ("product|new product|announced product", PRODUCT),
        "city": ("city|headquarters|dateline city", CITY),
        "date": ("release date|date|published on", DATE),
        "launch": ("launch date|available from|market launch", DATE),
        "ceo": ("ceo|chief executive|head of company", PERSON),
        "contact": ("press contact|media contact|contact", CONTACT),
        "price": ("price|retail price|list price", amount_kind(1200)),
        "staff": ("employees|staff|number of employees", count_kind(3, 9000, "{} people|{} employees")),
        "revenue": ("revenue growth|growth|sales growth", PERCENTAGE),
        "markets": ("markets|countries|sold in", list_kind(values.country, 1, 3)),
    }, "Press release|For immediate release|Media information|News", """
        {city}, {date} - {company} announces the {product}.
        {company} today presented the {product}.
        The company {company} has news.
        The headquarters are in {city}.
        Published on {date}.
        The new product is the {product}.
        The launch is planned for {launch}.
        It will be on the market from {launch} at a retail price of {price}.
        The retail price is {price}.
        "We are proud", says CEO {ceo}.
        {ceo} is the chief executive.
        The firm has {staff}.
        Revenue grew by {revenue}.
        It will be sold in {markets}.
        Press contact: {contact}.
        """, """
        Analyst <person> had expected less.
        A competitor cut its budget by <amount>.
        The share closed higher on <weekday>.
        """),
    domain("sensor reading", {
        "id": ("sensor id|device id|sensor", CODE),
        "place": ("location|site|installed at", PLACE),
        "temperature": ("temperature|temp|temperature c", decimal_kind(-30, 90, 1, "{} C|{} degrees")),
        "humidity": ("humidity|relative humidity|humidity percent", decimal_kind(1, 99, 1, "{} %|{}%")),
        "pressure": ("pressure|air pressure|pressure hpa", decimal_kind(870, 1080, 1, "{} hPa|{} mbar")),
        "battery": ("battery|battery level|charge", PERCENTAGE),
        "date": ("date|measured on|reading date", DATE),
        "time": ("time|measured at|reading time", TIME),
        "samples": ("samples|readings|values", number_list_kind(0, 100)),
        "state": ("status|state|sensor status", enum_kind("ok|warning|fault|offline|calibrating")),
        "alarm": ("alarm|alarm raised|alert", "An alarm was raised.|Alarm: yes.", "No alarm was raised.|Alarm: no."),
    }, "Sensor log|Telemetry|Reading|Station data", """
        Sensor {id} at {place} reports {temperature}.
        The sensor id is {id}.
        It is installed at {place}.
        The temperature is {temperature} and the humidity {humidity}.
        The temperature was {temperature}.
        Humidity: {humidity}.
        The air pressure is {pressure}.
        The battery is at {battery}.
        Measured on {date} at {time}.
        The date of the reading is {date}.
        The reading was taken at {time}.
        The samples were {samples}.
        The status is {state}.
        """, """
        Firmware update number <number> is available.
        The technician <person> changed the filter.
        A sister unit, <code>, is in repair.
        """, (25, 22, 10, 35, 8)),
    domain("payroll", {
        "employee": ("employee|employee name|name", PERSON),
        "id": ("employee id|staff number|personnel number", CODE),
        "employer": ("employer|company|paid by", COMPANY),
        "month": ("pay period|month|period", text_kind(lambda rng: f"{rng.choice(values.MONTHS)} {rng.randint(2015, 2029)}")),
        "gross": ("gross pay|gross|gross salary", amount_kind(9000)),
        "net": ("net pay|net|net salary", amount_kind(7000)),
        "tax": ("tax|income tax|tax withheld", amount_kind(3000)),
        "hours": ("hours|hours worked|working hours", decimal_kind(4, 200, 1, "{} hours|{} h")),
        "overtime": ("overtime|overtime hours|extra hours", count_kind(0, 40, "{} hours|{} h")),
        "department": ("department|cost centre|unit", DEPARTMENT),
        "paid": ("payment date|pay date|paid on", DATE),
    }, "Payslip|Salary statement|Payroll note|Pay advice", """
        Payslip of {employee} for {month}.
        The employee is {employee}, staff number {id}.
        The employee is {employee}.
        The staff number is {id}.
        The employer is {employer}.
        {employer} pays the salary.
        The pay period is {month}.
        Gross pay is {gross}, net pay {net}.
        The gross salary amounts to {gross}.
        After deductions the net pay is {net}.
        Income tax of {tax} was withheld.
        Hours worked: {hours}.
        Overtime: {overtime}.
        The department is {department}.
        The money is paid on {paid}.
        """, """
        Questions go to <person> in accounting.
        The canteen allowance of <amount> is paid in June.
        Last year's form was lost.
        """),
    domain("donation", {
        "donor": ("donor|donor name|given by", PERSON),
        "charity": ("charity|organisation|recipient", text_kind(lambda rng: values.made_up_name(rng) + rng.choice([" Foundation", " Trust", " Relief", " Fund"]))),
        "amount": ("amount|donation amount|donated", AMOUNT),
        "date": ("date|donation date|given on", DATE),
        "receipt": ("receipt number|receipt no|receipt id", CODE),
        "campaign": ("campaign|project|cause", TITLE),
        "method": ("payment method|method|paid by", enum_kind("card|cash|bank transfer|cheque|direct debit")),
        "goods": ("donated goods|goods|items", PARTS),
        "email": ("email|donor email|contact", EMAIL),
        "anonymous": ("anonymous|is anonymous|anonymous gift", "The donor wishes to stay anonymous.|This is an anonymous gift.", "The donor does not wish to stay anonymous.|This is not an anonymous gift."),
        "monthly": ("recurring|monthly|is recurring", "It is a recurring monthly gift.|The gift is recurring.", "It is a one-time gift, not a recurring one.|The gift is not recurring."),
    }, "Donation receipt|Thank you for your gift|Gift record|Charity receipt", """
        {donor} gave {amount} to {charity}.
        The donor is {donor}.
        {charity} thanks you.
        The charity is {charity}.
        The donation of {amount} arrived on {date}.
        The amount of the donation is {amount}.
        The date of the donation is {date}.
        The receipt number is {receipt}.
        It supports the campaign "{campaign}".
        The campaign is called {campaign}.
        Paid by {method}.
        The payment method was {method}.
        Donated goods: {goods}.
        The donor also brought {goods}.
        The donor's email is {email}.
        """, """
        Our treasurer <person> keeps the books.
        The goal of this year is <amount>.
        The office is staffed on <weekday>.
        """),
    domain("lost property", {
        "item": ("item|lost item|object", PRODUCT),
        "colour": ("colour|color|item colour", COLOUR),
        "found": ("found at|place found|location", PLACE),
        "date": ("date found|found on|find date", DATE),
        "finder": ("finder|found by|name of finder", PERSON),
        "owner": ("owner|claimed by|owner name", PERSON),
        "number": ("record number|case number|lost property number", CODE),
        "shelf": ("storage|shelf|stored in", text_kind(lambda rng: f"{rng.choice(['shelf', 'box', 'locker'])} {rng.choice('ABCDEF')}{rng.randint(1, 60)}")),
        "reward": ("reward|finder's fee|reward offered", amount_kind(150)),
        "phone": ("phone|owner phone|contact phone", PHONE),
        "contents": ("contents|inside|content list", list_kind(chosen("keys|a passport|cash|a diary|headphones|gloves|a ticket|glasses|a charger|an umbrella"), 1, 3)),
        "returned": ("returned|given back|handed back", "The item has been returned.|It was handed back.", "The item has not been returned yet.|It was not handed back yet."),
    }, "Lost and found|Lost property record|Found item|Fundbuero note", """
        The {item} was found at {found} on {date}.
        The item is described as {item}.
        Someone lost the {item}.
        The colour is {colour}.
        It is {colour} in colour.
        It was found at {found}.
        Date found: {date}.
        {finder} found it.
        The finder is {finder}.
        The owner is {owner}, phone {phone}.
        The owner is {owner}.
        The owner can be called on {phone}.
        The record number is {number}.
        It is kept in {shelf}.
        A reward of {reward} is offered.
        It contains {contents}.
        """, """
        An unrelated hat was collected by <person>.
        We keep things for a few months.
        The counter opens at <time>.
        """),
    domain("movie listing", {
        "title": ("title|film|movie", TITLE),
        "director": ("director|directed by|film director", PERSON),
        "cast": ("cast|actors|starring", list_kind(values.person, 1, 3)),
        "runtime": ("runtime|length|running time minutes", count_kind(60, 230, "{} minutes|{} min")),
        "genre": ("genre|film genre|type", enum_kind("comedy|drama|horror|western|romance|documentary|animation|musical")),
        "cinema": ("cinema|theatre|shown at", PLACE),
        "shows": ("showtimes|screenings|show times", list_kind(values.time, 1, 4)),
        "rating": ("age rating|rated|certificate", enum_kind("PG|PG-13|R|G|U|12A|18+")),
        "price": ("ticket price|price|admission", amount_kind(30)),
        "release": ("release date|opens on|premiere", DATE),
        "subtitles": ("subtitles|subtitled|with subtitles", "It is shown with subtitles.|Subtitles: yes.", "It is shown without subtitles.|No subtitles."),
    }, "Cinema listing|Now showing|Film of the week|Programme", """
        "{title}", directed by {director}, opens on {release}.
        The film is called {title}.
        Director: {director}.
        It was directed by {director}.
        Starring {cast}.
        The cast includes {cast}.
        The running time is {runtime}.
        It is a {genre}.
        The genre is {genre}, rated {rating}.
        It is rated {rating}.
        You can see it at {cinema}.
        The cinema is {cinema}.
        Show times: {shows}.
        Screenings at {shows}.
        Tickets are {price}.
        The premiere is on {release}.
        """, """
        The critic <person> fell asleep.
        Popcorn costs <amount>.
        The sequel is being shot with <number> extras.
        """),
    domain("meeting minutes", {
        "topic": ("topic|subject|meeting topic", PHRASE),
        "date": ("date|meeting date|held on", DATE),
        "chair": ("chair|chaired by|chairperson", PERSON),
        "secretary": ("minutes by|secretary|note taker", PERSON),
        "present": ("attendees|present|participants", list_kind(values.person, 1, 3)),
        "absent": ("absent|apologies|excused", list_kind(values.person, 1, 2)),
        "room": ("room|meeting room|place", PLACE),
        "next": ("next meeting|next date|follow up date", DATE),
        "budget": ("approved budget|budget|approved amount", AMOUNT),
        "length": ("duration|length|meeting length", DURATION),
        "vote": ("unanimous|vote unanimous|unanimous vote", "The vote was unanimous.|The decision was unanimous.", "The vote was not unanimous.|The decision was not unanimous."),
    }, "Minutes|Meeting notes|Protocol|Summary of the meeting", """
        The meeting on {topic} was held on {date} in {room}.
        The topic was {topic}.
        The date of the meeting was {date}.
        {chair} chaired the meeting.
        The chair was {chair}, the minutes were taken by {secretary}.
        Minutes taken by {secretary}.
        Present: {present}.
        Attendees were {present}.
        Absent with apologies: {absent}.
        We met in {room}.
        The next meeting is on {next}.
        A budget of {budget} was approved.
        The meeting lasted {length}.
        """, """
        Coffee was kindly provided by <company>.
        A letter dated <date> was read aloud.
        Item <number> of the old list was dropped.
        """),
    domain("repair order", {
        "number": ("job number|repair number|work order", CODE),
        "device": ("device|appliance|machine", PRODUCT),
        "customer": ("customer|client|owner", PERSON),
        "mechanic": ("technician|mechanic|repaired by", PERSON),
        "fault": ("fault|symptom|complaint", PHRASE),
        "parts": ("parts used|spare parts|parts", PARTS),
        "labour": ("labour cost|labour|labour charge", amount_kind(600)),
        "material": ("parts cost|material cost|cost of parts", amount_kind(900)),
        "hours": ("labour hours|hours|hours spent", decimal_kind(0.5, 30, 1, "{} hours|{} h")),
        "received": ("received on|date received|brought in", DATE),
        "ready": ("ready on|completion date|pickup date", DATE),
        "warranty": ("under warranty|warranty repair|in warranty", "The repair is under warranty.|It is still under warranty.", "The repair is not under warranty.|It is no longer under warranty."),
    }, "Repair order|Workshop slip|Job card|Service report", """
        Job {number}: {device} of {customer}.
        The job number is {number}.
        The customer is {customer}.
        {customer} brought in the {device} on {received}.
        The device is the {device}.
        The fault: {fault}.
        The customer complained about this: {fault}.
        The technician was {mechanic}.
        Repaired by {mechanic}, who spent {hours}.
        We spent {hours} on it.
        Parts used: {parts}.
        We needed {parts} as spare parts.
        Labour costs {labour}, parts cost {material}.
        The labour charge is {labour}.
        Cost of parts: {material}.
        It was received on {received}.
        It will be ready on {ready}.
        """, """
        The apprentice <first> cleaned the bench.
        A loan device would be <amount> a week.
        The shop is closed on <weekday>.
        """),
    domain("school absence", {
        "pupil": ("pupil|student|child", PERSON),
        "class": ("class|form|school class", text_kind(lambda rng: f"{rng.randint(1, 12)}{rng.choice('ABCD')}")),
        "teacher": ("teacher|class teacher|form teacher", PERSON),
        "parent": ("parent|guardian|signed by", PERSON),
        "first": ("absent from|first day|absence start", DATE),
        "last": ("absent until|last day|absence end", DATE),
        "reason": ("reason|cause|reason for absence", enum_kind("flu|cold|fever|dentist|funeral|family trip|accident|stomach ache")),
        "lessons": ("missed subjects|subjects missed|missed lessons", list_kind(chosen("Maths|History|Biology|Art|Music|Chemistry|Geography|Latin|Sports"), 1, 4)),
        "days": ("days missed|days|number of days", count_kind(1, 20, "{} days|{} school days")),
        "phone": ("parent phone|phone|phone of parent", PHONE),
        "note": ("doctor's note|medical certificate|doctor note", "A doctor's note is attached.|There is a doctor's note.", "There is no doctor's note.|A doctor's note is not attached."),
    }, "Absence note|Excuse letter|Sick note|Note to school", """
        Please excuse {pupil} of class {class} from {first} to {last}.
        The pupil is {pupil}.
        {pupil} could not come to school.
        The class is {class}.
        The form teacher is {teacher}.
        The class teacher {teacher} has been told.
        The absence began on {first}.
        The last day of absence was {last}.
        The reason is {reason}.
        My child had to stay away because of {reason}, {days} in all.
        In all, {days} were missed.
        Missed subjects: {lessons}.
        The parent is {parent}, phone {phone}.
        Signed by the parent, {parent}.
        The parent can be reached on {phone}.
        """, """
        The school bus came at <time>.
        A classmate, <first>, will bring the homework.
        The trip on <date> was paid already.
        """),
    domain("stock order", {
        "order": ("order number|purchase order|po number", CODE),
        "supplier": ("supplier|vendor|ordered from", COMPANY),
        "buyer": ("buyer|ordered by|purchaser", PERSON),
        "lines": ("order lines|items|goods", PARTS),
        "warehouse": ("warehouse|deliver to|storage site", PLACE),
        "ordered": ("order date|ordered on|date of order", DATE),
        "needed": ("needed by|required date|delivery deadline", DATE),
        "total": ("order total|total|total cost", AMOUNT),
        "discount": ("discount|rebate|price reduction", PERCENTAGE),
        "terms": ("payment terms|terms|payment within", text_kind(lambda rng: f"{rng.choice([7, 10, 14, 21, 30, 45, 60, 90])} days net")),
        "approved": ("approved|is approved|order approved", "The order is approved.|The order has been approved.", "The order is not approved yet.|The order has not been approved."),
    }, "Purchase order|Stock order|Replenishment|Order to supplier", """
        Purchase order {order} to {supplier}.
        The order number is {order}.
        The supplier is {supplier}.
        We order {lines} from {supplier}.
        Order lines: {lines}.
        We need {lines}.
        The buyer is {buyer}.
        It was ordered by {buyer} on {ordered}.
        The order date is {ordered}.
        Goods are needed by {needed} at {warehouse}.
        Required date: {needed}.
        Please deliver to our warehouse {warehouse}.
        The total cost is {total}.
        You granted a discount of {discount}.
        Payment terms are {terms}.
        """, """
        The sample from <company> was not good.
        Order <code> from last month is complete.
        The forklift is used until <time>.
        """),
    domain("sports result", {
        "home": ("home team|home|hosts", text_kind(lambda rng: rng.choice(["FC ", "SV ", "Union ", "Real "]) + values.city(rng))),
        "away": ("away team|away|visitors", text_kind(lambda rng: values.city(rng) + rng.choice([" Rovers", " United", " Tigers", " Wolves", " City"]))),
        "home_goals": ("home score|home goals|goals home team", count_kind(0, 9)),
        "away_goals": ("away score|away goals|goals away team", count_kind(0, 9)),
        "stadium": ("stadium|ground|played at", text_kind(lambda rng: values.made_up_name(rng) + rng.choice([" Park", " Stadium", " Arena", " Ground"]))),
        "date": ("match date|date|played on", DATE),
        "referee": ("referee|match official|whistled by", PERSON),
        "crowd": ("attendance|spectators|crowd", count_kind(40, 80000, "{} spectators|{} fans")),
        "scorers": ("scorers|goal scorers|goals by", list_kind(values.last_name, 1, 4)),
        "league": ("competition|league|tournament", enum_kind("league|cup|friendly|playoff|super cup|qualifier")),
        "extra": ("extra time|went to extra time|overtime", "The match went to extra time.|Extra time was needed.", "No extra time was needed.|There was no extra time."),
    }, "Match report|Result|Sports desk|Full time", """
        {home} met {away} at {stadium}.
        The home team was {home}.
        The away team was {away}.
        The home side scored {home_goals} and the visitors {away_goals}.
        The home score is {home_goals}.
        The away score is {away_goals}.
        The match was played at {stadium} on {date}.
        The ground is {stadium}.
        The date of the match is {date}.
        The referee was {referee}.
        {crowd} came to watch, a good attendance.
        The attendance was {crowd}.
        The goals were scored by {scorers}.
        The competition is a {league}.
        """, """
        The kick-off was delayed because of a dog.
        Coach <person> was pleased.
        The next derby is on <date>.
        """),
    domain("gym class", {
        "class": ("class|class name|course", text_kind(lambda rng: rng.choice(["Power", "Morning", "Aqua", "Hot", "Gentle", "Street"]) + " " + rng.choice(["Yoga", "Boxing", "Pilates", "Spinning", "Stretch", "Dance"]))),
        "coach": ("coach|trainer|instructor", PERSON),
        "day": ("weekday|day|day of week", enum_kind("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")),
        "start": ("start time|begins at|starts", TIME),
        "minutes": ("duration minutes|length|minutes", count_kind(20, 120, "{} minutes|{} min")),
        "studio": ("studio|room|gym room", text_kind(lambda rng: f"studio {rng.randint(1, 12)}")),
        "spots": ("free spots|places left|spots left", count_kind(0, 30, "{} places|{} spots")),
        "price": ("price per class|drop in price|price", amount_kind(40)),
        "level": ("level|intensity|difficulty", enum_kind("easy|moderate|hard|all levels|expert")),
        "gear": ("equipment|bring|gear", list_kind(chosen("a mat|a towel|gloves|water|indoor shoes|a band|weights"), 1, 3)),
        "online": ("online|live stream|streamed", "The class is streamed online.|You can join online.", "The class is not streamed online.|You cannot join online."),
    }, "Class schedule|Gym timetable|Fitness news|Studio plan", """
        {class} with {coach} is on {day} at {start}.
        The class is called {class}.
        Your trainer is {coach}.
        The day is {day}.
        We begin at {start} in {studio}.
        It starts at {start}.
        The room is {studio}.
        It lasts {minutes}.
        There are {spots} left.
        A single class costs {price}.
        The level is {level}.
        Bring {gear}.
        Please bring {gear} as equipment.
        """, """
        The sauna is being cleaned until <time>.
        <person> teaches the other groups.
        A locker costs <amount>.
        """),
    domain("energy bill", {
        "account": ("account number|customer number|account", CODE),
        "holder": ("account holder|customer|name", PERSON),
        "meter": ("meter number|meter id|meter", CODE),
        "usage": ("consumption|usage kwh|kwh used", count_kind(20, 9000, "{} kWh")),
        "previous": ("previous reading|old reading|last reading", count_kind(100, 50000)),
        "current": ("current reading|new reading|present reading", count_kind(50001, 99999)),
        "amount": ("amount due|total due|bill amount", amount_kind(900)),
        "due": ("due date|pay by|payment deadline", DATE),
        "tariff": ("tariff|rate plan|contract type", enum_kind("day|night|green|fixed|flexible|solar")),
        "address": ("supply address|address|site", ADDRESS),
        "debit": ("direct debit|paid by direct debit|automatic payment", "You pay by direct debit.|Direct debit is set up.", "You do not pay by direct debit.|No direct debit is set up."),
    }, "Energy bill|Electricity statement|Utility bill|Annual statement", """
        Account {account} of {holder}.
        The account number is {account}.
        The account holder is {holder}.
        The meter number is {meter}; the current reading is {current}.
        Meter: {meter}.
        You used {usage}.
        The consumption was {usage}.
        The previous reading was {previous}.
        The current reading is {current}.
        The amount due is {amount}.
        Please pay {amount} by {due}.
        The due date is {due}.
        You are on the {tariff} tariff.
        Supply address: {address}.
        """, """
        The grid fee changed on <date>.
        The average home pays <amount>.
        Our emergency crew is led by <person>.
        """),
    domain("conference talk", {
        "talk": ("talk|talk title|title", TOPIC),
        "speaker": ("speaker|presenter|given by", PERSON),
        "affiliation": ("affiliation|company|institution", COMPANY),
        "session": ("session|session code|slot", CODE),
        "room": ("room|hall|lecture hall", PLACE),
        "start": ("start time|starts at|begin", TIME),
        "minutes": ("length minutes|duration|minutes", count_kind(5, 90, "{} minutes|{} min")),
        "track": ("track|stream|programme track", enum_kind("research|industry|tutorial|demo|keynote|poster")),
        "authors": ("co-authors|authors|coauthors", list_kind(values.person, 1, 3)),
        "email": ("email|speaker email|contact", EMAIL),
        "recorded": ("recorded|is recorded|recording", "The talk will be recorded.|A recording will be made.", "The talk will not be recorded.|No recording will be made."),
    }, "Conference programme|Talk announcement|Session note|Abstract accepted", """
        {speaker} of {affiliation} will speak on "{talk}".
        The talk is titled {talk}.
        The speaker is {speaker}.
        Affiliation: {affiliation}.
        The speaker works at {affiliation}.
        It belongs to session {session} in the {track} track.
        The session code is {session}.
        The track is {track}.
        It starts at {start} in {room}.
        The room is {room}.
        The talk begins at {start}.
        You have {minutes}.
        The co-authors are {authors}.
        The speaker's email is {email}.
        """, """
        Coffee is served in the lobby.
        The dinner ticket costs <amount>.
        Reviewer <person> liked another paper.
        """),
)
