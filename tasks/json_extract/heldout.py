"""The development and held-out domains, whose templates no training domain uses."""

from __future__ import annotations

import random

from tasks.json_extract.domains import Voice, domain, lines
from tasks.json_extract.values import (
    ADDRESS, AMOUNT, CITY, CODE, COUNTRY, DATE, EMAIL, PERSON, PLACE, TIME, TITLE, amount_kind,
    chosen, count_kind, decimal_kind, enum_kind, items_kind, list_kind, made_up_name, number_list_kind, person, priced_items_kind, text_kind,
)

VOICE = Voice(
    greetings=["Dear colleague,", "Good day,", "Hello everyone,", "Good evening,", "Dear friends,", "Greetings,", "Dear office,", "Hi folks,"],
    closings=["With kind regards", "Yours faithfully", "Warm regards from all of us", "All the best", "Until then", "Respectfully yours", "-- sent from the front desk"],
    noise=lines("""
        The phones were out of order on <weekday>, we apologise.
        Our colleague <person> retired on <date>.
        You can print this page for your own folder.
        If you have already replied, please disregard this.
        A copy went to the archive.
        The car park is being resurfaced this month.
        We moved to a new computer system on <date>.
        This text was dictated in a hurry.
        """),
    replies=["right", "understood", "fine by me", "go on", "perfect", "I see", "will do"],
    speakers=["clerk", "visitor", "Mo", "Tess", "office", "Rune", "Ida", "front desk", "Bea", "guest"],
    plain=[],
)

PET_NAMES = "Bella Max Luna Simba Nala Rocky Coco Milo Daisy Oreo Pepper Biscuit Shadow Tiger Momo Waffles Ziggy Pixel".split()
BREEDS = "beagle|Siamese|poodle|Maine Coon|border collie|dachshund|Persian|lop rabbit|cockatiel|husky|boxer|tabby"
ART = "oil painting|bronze statue|porcelain vase|silk robe|ivory comb|clay tablet|tapestry|silver goblet|woodcut|marble bust|fresco fragment|gilded mask"
GRAPES = "Riesling|Merlot|Zweigelt|Syrah|Pinot Noir|Chardonnay|Malbec|Furmint|Nebbiolo|Chenin Blanc|Tempranillo"
AROMAS = "cherry|leather|vanilla|tobacco|citrus|pear|smoke|plum|honey|mint|slate|blackberry|violets|toast"
SEEDS = "marigold|black kale|sweet pea|rainbow chard|runner bean|purple carrot|sunflower|dill|heirloom tomato|poppy|lemon cucumber|borage"
BAGGAGE = "black trolley|blue rucksack|hard-shell case|garment bag|green duffel bag|pushchair|golf bag|red holdall|ski bag|cello case"
MEDICINES = chosen("antibiotics|eye drops|worming tablets|painkillers|ear cream|vitamin paste|flea spray|cough syrup")
HIVE_WORK = chosen("added a super|changed the queen|fed sugar syrup|cleaned the floor|treated for mites|split the colony|removed drone comb")


def boat_name(rng: random.Random) -> str:
    """Return a boat's name."""
    return rng.choice(["Sea ", "Lady ", "Wild ", "Northern ", "Blue ", ""]) + rng.choice(
        ["Gull", "Dancer", "Whisper", "Petrel", "Star", "Breeze", made_up_name(rng)])


def estate(rng: random.Random) -> str:
    """Return a wine estate's name."""
    return rng.choice(["Chateau ", "Domaine ", "Weingut ", "Bodega ", "Cantina "]) + made_up_name(rng)


def streetcar_line(rng: random.Random) -> str:
    """Return a public transport line."""
    return rng.choice(["Line ", "Tram ", "Bus ", "S"]) + str(rng.randint(1, 99))


def plate(rng: random.Random) -> str:
    """Return a car's number plate."""
    letters = "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXZ") for _ in range(rng.randint(2, 3)))
    return f"{rng.choice(['G', 'W', 'LL', 'B', 'KN'])}-{rng.randint(100, 9999)} {letters}"


HELDOUT = (
    domain("veterinary visit", {
        "animal": ("pet name|animal name|patient name", text_kind(chosen(PET_NAMES))),
        "species": ("species|animal type|kind of animal", enum_kind("dog|cat|rabbit|parrot|hamster|ferret|tortoise|guinea pig")),
        "breed": ("breed|animal breed|pet breed", text_kind(chosen(BREEDS))),
        "owner": ("owner|owner name|pet owner", PERSON),
        "vet": ("vet|veterinarian|treating vet", text_kind(lambda rng: "Dr " + made_up_name(rng))),
        "weight": ("weight kg|body weight|weight", decimal_kind(0.2, 60, 1, "{} kg|{} kilos")),
        "visit": ("visit date|date of visit|examined on", DATE),
        "next": ("next visit|follow up|control visit", DATE),
        "medicines": ("prescribed medicines|prescriptions|medicines", list_kind(MEDICINES, 1, 3)),
        "cost": ("visit cost|consultation fee|treatment cost", amount_kind(400)),
        "chip": ("chipped|microchipped|has microchip", "The animal is microchipped already.|A microchip is in place, so it counts as chipped.",
                 "The animal has no microchip.|It is not microchipped yet."),
    }, "Paws & Claws practice|Small animal clinic|Visit note|Surgery record", """
        {owner}, the owner, came in with {animal} for a visit on {visit}.
        Our four-legged patient goes by the pet name {animal}.
        Owner of the animal: {owner}.
        {animal} belongs to the owner {owner} and is a {species}.
        As species the card says {species}.
        Breed according to the passport: {breed}.
        This {species}, breed {breed}, was calm during the examination.
        Body weight on our scales: {weight}.
        {animal} now weighs {weight}.
        The vet on duty was {vet}.
        {vet} was the treating vet and did the examination.
        We examined the animal during a visit on {visit}.
        Bring the animal back for a follow-up: next visit {next}.
        The next visit has been pencilled in for {next}.
        These medicines were prescribed: {medicines}.
        {vet}, the vet, prescribed {medicines}.
        The visit cost {cost} in all.
        Treatment was billed at {cost}.
        """, """
        Our receptionist <person> can sell you a carrier.
        Rabies boosters cost <amount> this season.
        The waiting room was rather noisy.
        """),
    domain("luggage claim", {
        "passenger": ("passenger|passenger name|claimant", PERSON),
        "bag": ("bag description|bag|luggage item", text_kind(chosen(BAGGAGE))),
        "tag": ("bag tag|tag number|luggage tag", text_kind(lambda rng: rng.choice(["OS", "LX", "TP", "IB"]) + str(rng.randint(100000, 999999)))),
        "flight": ("flight|flight number|arriving flight", text_kind(lambda rng: f"{rng.choice(['TP', 'LX', 'IB', 'SN'])}{rng.randint(100, 9999)}")),
        "airport": ("airport|arrival airport|landed at", CITY),
        "lost": ("date of loss|loss date|missing since", DATE),
        "contents": ("contents|packed items|things inside", items_kind(chosen("shirt|jumper|book|pair of shoes|camera|sun cream|razor|swimsuit|dress|phone charger"))),
        "value": ("declared value|estimated value|claim value", amount_kind(3000)),
        "hotel": ("forward to|forwarding address|temporary address", ADDRESS),
        "state": ("claim state|claim status|state of claim", enum_kind("missing|traced|forwarded|compensated|rejected")),
        "locked": ("locked|bag locked|was locked", "The bag was locked.|Yes, it was locked with a small padlock.", "The bag was not locked.|It was left unlocked."),
    }, "Baggage services|Property irregularity report|Missing luggage|Luggage claim", """
        Passenger {passenger} landed at {airport} airport with flight {flight}, but the bag stayed behind.
        The passenger making this claim is {passenger}.
        I flew in on flight {flight}.
        The flight number printed on the stub is {flight}.
        The airport of arrival was {airport}.
        I am looking for one {bag} with the tag {tag}.
        Description of the bag: {bag}.
        The sticker shows tag number {tag}.
        It has been missing since {lost}.
        Date of loss according to the desk: {lost}.
        Packed inside the case: {contents}.
        The contents were {contents}.
        I would put the declared value at {value}.
        Estimated value of everything together: {value}.
        Until I fly home please forward it to this address: {hotel}.
        The temporary address to forward the bag to is {hotel}.
        In our system the claim is shown as {state}.
        State of the claim: {state}.
        """, """
        The belt stopped at <time> and nobody came.
        A taxi home cost me <amount>, which I do not claim.
        My sister <first> got hers at once.
        """),
    domain("museum loan", {
        "object": ("object|loaned object|artwork", text_kind(lambda rng: f"{chosen(ART)(rng)} {rng.choice(['of a hunter', 'with lilies', 'from the tomb', 'of Saint Anne', 'with dragons', 'of two sisters'])}")),
        "inventory": ("inventory number|accession number|inventory no", CODE),
        "lender": ("lender|lending museum|loaned by", text_kind(lambda rng: rng.choice(["Museum of ", "Gallery of ", "Collection "]) + made_up_name(rng))),
        "borrower": ("borrower|borrowing museum|loaned to", text_kind(lambda rng: made_up_name(rng) + rng.choice([" Kunsthaus", " Palace", " Art Hall", " City Museum"]))),
        "exhibition": ("exhibition|exhibition title|show", TITLE),
        "start": ("loan start|loan begins|start of loan", DATE),
        "end": ("loan end|loan ends|end of loan", DATE),
        "value": ("insurance value|insured value|insured for", amount_kind(90000)),
        "curator": ("curator|responsible curator|curated by", PERSON),
        "humidity": ("humidity percent|relative humidity|max humidity", count_kind(35, 65, "{} %|{} percent")),
        "glass": ("glass case|behind glass|needs glass case", "The object must be shown in a glass case.|A glass case is required.", "The object may be shown without a glass case.|A glass case is not required."),
    }, "Loan agreement sheet|Registrar's memo|Outgoing loan|Art transport papers", """
        {lender} lends the {object} to {borrower}.
        The object in question: {object}, inventory number {inventory}.
        The loaned object is the {object}.
        Its inventory number in our book reads {inventory}.
        The lender is named as {lender}.
        On the borrower's side, {borrower} has countersigned.
        It will hang in the exhibition "{exhibition}".
        The exhibition bears the title {exhibition}.
        The loan begins on {start} and ends on {end}.
        Start of the loan: {start}.
        We expect the piece back when the loan ends, on {end}.
        It has been insured for {value}.
        The insurance value stands at {value}.
        The responsible curator, {curator}, travels with the crate.
        Curator in charge is {curator}.
        Relative humidity must not climb above {humidity}.
        """, """
        The frame was regilded in the workshop of <person>.
        A catalogue can be bought for <amount>.
        The crate was built on <date>.
        """),
    domain("boat mooring", {
        "boat": ("boat name|boat|vessel", text_kind(boat_name)),
        "kind": ("boat type|vessel type|type of boat", enum_kind("sailboat|motorboat|catamaran|rowing boat|houseboat|trawler|dinghy")),
        "skipper": ("skipper|skipper name|boat owner", PERSON),
        "berth": ("berth|berth number|mooring place", text_kind(lambda rng: f"{rng.choice('ABCDEFGH')}{rng.randint(1, 80)}")),
        "length": ("boat length|length m|length metres", decimal_kind(3, 30, 1, "{} m|{} metres")),
        "draught": ("draught|draft m|draught metres", decimal_kind(0.3, 4, 1, "{} m|{} metres")),
        "arrive": ("arrival|arrival date|arrives on", DATE),
        "leave": ("departure|departure date|leaves on", DATE),
        "fee": ("mooring fee|fee per night|harbour fee", amount_kind(120)),
        "harbour": ("harbour|marina|port", text_kind(lambda rng: rng.choice(["Port ", "Marina "]) + made_up_name(rng))),
        "crew": ("crew|crew members|crew list", list_kind(person, 1, 3)),
        "power": ("shore power|power hookup|electricity", "Shore power is wanted.|We would like to use shore power.", "Shore power is not wanted.|We do not use shore power."),
    }, "Harbour master's log|Berth request|Mooring slip|Marina office", """
        The {kind} {boat} asks for a berth from {arrive} to {leave}.
        Name of the boat: {boat}.
        We sail on the vessel {boat}, a {kind}.
        She is a {kind}, well kept.
        The skipper introduces himself as {skipper}.
        Skipper: {skipper}, licence seen.
        We have given you berth {berth} in {harbour}.
        Tie up at berth {berth}.
        Her length is {length} and her draught {draught}.
        Over all she has a length of {length}.
        With a draught of {draught} she can pass the bar.
        Arrival is foreseen for {arrive}.
        Departure is foreseen for {leave}.
        The mooring fee per night is {fee}.
        For each night the harbour takes a fee of {fee}.
        The harbour is {harbour}.
        On board as crew: {crew}.
        The crew consists of {crew}.
        """, """
        Diesel can be had from <time> on.
        The pilot, <person>, is reached by radio.
        The lock will be shut on <date>.
        """),
    domain("grant application", {
        "project": ("project title|project|proposal title", TITLE),
        "applicant": ("applicant|principal investigator|lead researcher", PERSON),
        "institute": ("institute|institution|host institution", text_kind(lambda rng: rng.choice(["University of ", "Institute of ", "Academy of "]) + made_up_name(rng))),
        "sum": ("requested amount|amount requested|requested funding", AMOUNT),
        "own": ("own contribution|co funding|matching funds", amount_kind(30000)),
        "months": ("project months|duration months|months", count_kind(6, 60, "{} months")),
        "call": ("call id|call number|funding call", CODE),
        "submitted": ("submission date|submitted on|date submitted", DATE),
        "partners": ("partners|partner countries|partner nations", list_kind(chosen("Norway|Chile|Kenya|Japan|Estonia|Peru|Ireland|Vietnam|Ghana|Greece|Canada"), 1, 4)),
        "field": ("research field|field|discipline", enum_kind("biology|history|physics|linguistics|medicine|archaeology|ecology|musicology")),
        "budget": ("budget lines|budget items|cost plan", priced_items_kind(chosen("travel|lab supplies|a doctoral post|printing|sequencing|field work|translation|a workshop"))),
        "ethics": ("ethics approval|ethics cleared|ethical approval", "Ethics approval has been granted.|We hold ethics approval.", "Ethics approval has not been granted yet.|We do not hold ethics approval yet."),
    }, "Grant application|Funding office|Cover letter for our proposal|Research council intake", """
        With the project "{project}" we answer your funding call {call}.
        The title of the project reads {project}.
        {applicant} of {institute} is the applicant.
        Applicant and principal investigator: {applicant}.
        The host institution will be {institute}.
        We request an amount of {sum}.
        The requested funding of {sum} is joined by an own contribution of {own}.
        Our own contribution, also called matching funds, is {own}.
        The project needs {months} from start to finish.
        It answers the call with the number {call}.
        The proposal was submitted on {submitted}.
        Partner countries: {partners}.
        We have partners in {partners}.
        The research field is {field}.
        In the budget you find {budget}.
        Budget lines are {budget}.
        """, """
        The council's last round had <number> proposals.
        Our referee <person> prefers to stay in the background.
        An older idea of ours, turned down on <date>, is not related.
        """),
    domain("parking fine", {
        "notice": ("notice number|fine number|penalty notice", CODE),
        "plate": ("number plate|vehicle plate|plate", text_kind(plate)),
        "make": ("car make|make|vehicle make", text_kind(lambda rng: rng.choice(["Skoda", "Fiat", "Volvo", "Opel", "Mazda", "Seat", "Renault", "Dacia"]))),
        "place": ("offence location|parked at|place of offence", text_kind(lambda rng: f"{made_up_name(rng)} {rng.choice(['Platz', 'Quay', 'Promenade', 'Parade', 'Crescent'])} {rng.randint(1, 99)}")),
        "date": ("offence date|date of offence|date parked", DATE),
        "time": ("offence time|time of offence|noticed at", TIME),
        "offence": ("offence|violation|reason for fine", text_kind(chosen("parking in a bus lane|no valid ticket|blocking a driveway|parking on the pavement|expired parking disc|double parking|parking in a loading bay|parking by a hydrant"))),
        "fine": ("fine|fine amount|penalty", amount_kind(250)),
        "reduced": ("reduced fine|reduced amount|early payment amount", amount_kind(90)),
        "deadline": ("payment deadline|pay before|payment due date", DATE),
        "warden": ("officer|warden|issued by", text_kind(lambda rng: f"{rng.choice(['warden', 'officer'])} {rng.randint(10, 999)}")),
        "towed": ("towed|vehicle towed|was towed", "The vehicle was towed away.|Your car has been towed.", "The vehicle was not towed.|Your car was left in place, it was not towed."),
    }, "Penalty notice|City traffic office|Fixed penalty|Municipal parking control", """
        Notice number {notice} concerns the vehicle with the plate {plate}.
        The penalty notice carries the number {notice}.
        Number plate seen: {plate}.
        The vehicle, make {make}, stood at {place}.
        The make of the car is {make}.
        Place of the offence: {place}.
        The offence took place on {date} at {time}.
        Date of the offence: {date}.
        It was noticed at the time of {time}.
        What you are accused of is {offence}.
        Offence: {offence}.
        The fine amounts to {fine}.
        A fine of {fine} has been set, reduced to {reduced} if you pay early.
        Early payers owe only the reduced amount of {reduced}.
        The payment deadline is {deadline}.
        We expect payment before the deadline, {deadline}.
        The notice was issued by {warden}.
        """, """
        Objections go to the desk of <person> on the second floor.
        Residents' permits cost <amount> per year.
        The signs there were renewed on <date>.
        """),
    domain("wine tasting note", {
        "wine": ("wine|wine name|label name", text_kind(lambda rng: f"{rng.choice(['Reserve', 'Cuvee', 'Grand', 'Old Vines'])} {made_up_name(rng)}")),
        "producer": ("producer|winery|estate", text_kind(estate)),
        "vintage": ("vintage|vintage year|harvest year", count_kind(1985, 2024)),
        "grapes": ("grapes|grape varieties|varieties", list_kind(chosen(GRAPES), 1, 3)),
        "country": ("country|country of origin|origin", COUNTRY),
        "aromas": ("aromas|nose|aroma notes", list_kind(chosen(AROMAS), 2, 4)),
        "alcohol": ("alcohol percent|alcohol|abv", decimal_kind(9, 15.5, 1, "{} %|{}%")),
        "body": ("body|wine body", enum_kind("light|medium|full|round|lean")),
        "points": ("points|score|tasting score", count_kind(70, 100, "{} points|{} of 100 points")),
        "price": ("bottle price|price per bottle|price", amount_kind(180)),
        "taster": ("taster|tasted by|critic", PERSON),
        "date": ("tasting date|tasted on|date tasted", DATE),
        "organic": ("organic|is organic|organic wine", "It is an organic wine.|The grapes were grown organically, and it is certified organic.", "It is not an organic wine.|The estate is not certified organic."),
    }, "Tasting note|Cellar book|From the tasting table|Wine card", """
        The {wine} from the winery {producer} is of the {vintage} vintage.
        In the glass: the wine {wine}.
        {producer} is the producer.
        Vintage {vintage}, bottled late.
        The grapes are {grapes}.
        Grape varieties on the label: {grapes}.
        Its country of origin is {country}.
        On the nose there are aromas of {aromas}.
        Aromas: {aromas}.
        Alcohol stands at {alcohol}.
        The body is {body}.
        {taster} tasted it on {date} and scored it {points}.
        I would award a score of {points}.
        The taster was {taster}.
        It was tasted on {date}.
        One bottle has a price of {price}.
        Price per bottle at the gate: {price}.
        """, """
        The corks are long and of good quality, as always.
        We drank it with the lamb that <first> had made.
        The tour through the cellar took until <time>.
        """),
    domain("seed exchange", {
        "packet": ("packet number|packet id|packet", CODE),
        "variety": ("variety|seed variety|plant", text_kind(lambda rng: f"{chosen(SEEDS)(rng)} {rng.choice(['Giant', 'Aunt Mary', 'Early Gem', made_up_name(rng)])}")),
        "donor": ("donor|seed donor|given by", PERSON),
        "borrower": ("borrower|borrowed by|taken by", PERSON),
        "count": ("seed count|seeds|number of seeds", count_kind(5, 400, "{} seeds")),
        "harvest": ("harvest year|harvested in|year of harvest", count_kind(2012, 2025)),
        "germination": ("germination rate|germination|rate of germination", text_kind(lambda rng: f"{rng.randint(30, 99)} percent")),
        "sow": ("sowing month|sow in|month of sowing", enum_kind("February|March|April|May|June|September|October")),
        "depth": ("sowing depth|depth cm|sowing depth cm", decimal_kind(0.2, 6, 1, "{} cm|{} centimetres")),
        "back": ("return by|return date|seeds due back", DATE),
        "swap": ("offered in return|swap offers|offers", list_kind(chosen(SEEDS), 1, 3)),
        "hybrid": ("hybrid|is hybrid|hybrid seed", "This is a hybrid.|Mind that the seed is a hybrid.", "This is not a hybrid.|The seed is true to type and no hybrid."),
    }, "Seed library card|Seed exchange|Gardeners' swap list|Packet slip", """
        Packet {packet} holds the variety {variety}.
        On the packet you read the number {packet}.
        The variety is known as {variety}.
        {donor} is the donor of these seeds, {count} in the bag.
        Donor of the packet: {donor}.
        The packet was borrowed by {borrower}.
        {borrower} is the borrower and promises to return seeds by {back}.
        Please count again, there should be {count}.
        They were harvested in {harvest}.
        Harvest year on the label: {harvest}.
        In our test the germination was {germination}.
        Sow in {sow} at a sowing depth of {depth}.
        The best month to sow is {sow}.
        Sowing depth should be {depth}.
        Fresh seeds are due back by {back}.
        In return we were offered {swap}.
        """, """
        The slugs were bad this year, says <first>.
        The next open morning is with <person>.
        A bag of compost goes for <amount>.
        """),
)

DEV = (
    domain("beekeeping log", {
        "hive": ("hive|hive number|hive id", text_kind(lambda rng: f"H{rng.randint(1, 60)}")),
        "apiary": ("apiary|apiary site|stand", PLACE),
        "keeper": ("beekeeper|keeper|inspected by", PERSON),
        "date": ("inspection date|inspected on|date of inspection", DATE),
        "frames": ("brood frames|frames of brood|frames with brood", count_kind(1, 12, "{} frames")),
        "honey": ("honey kg|honey yield|honey harvested", decimal_kind(0.5, 40, 1, "{} kg")),
        "temper": ("temperament|temper|mood", enum_kind("calm|nervous|aggressive|gentle|lively")),
        "mites": ("mite counts|mites|mite drops", number_list_kind(0, 40)),
        "work": ("work done|tasks done|actions", list_kind(HIVE_WORK, 1, 3)),
        "year": ("queen year|year of queen|queen born", count_kind(2018, 2025)),
        "queen": ("queen seen|saw queen|queen present", "The queen was seen.|I saw the queen on the third comb.", "The queen was not seen.|I did not see the queen."),
    }, "Hive log|Bee notes|Apiary book|Colony check", """
        Hive {hive} at the apiary {apiary} was opened on the inspection date {date}.
        This page is about hive {hive}.
        The hive stands in the apiary {apiary}.
        Beekeeper {keeper} made the inspection.
        Inspected on {date}.
        There is brood on {frames}.
        We took {honey} of honey.
        The temperament of the bees was {temper}.
        Mite counts over the days: {mites}.
        Work done: {work}.
        The queen's year is {year}.
        """, """
        The heather is late this time.
        Our neighbour <first> lost two colonies.
        New jars cost <amount> a box.
        """),
    domain("ski lesson", {
        "pupil": ("skier|pupil name|skier name", PERSON),
        "teacher": ("ski teacher|ski instructor|taught by", PERSON),
        "resort": ("resort|ski resort|ski area", text_kind(lambda rng: f"{made_up_name(rng)}{rng.choice(['alm', 'joch', 'horn', 'spitz'])}")),
        "day": ("lesson date|lesson day|date of lesson", DATE),
        "meet": ("meeting time|meet at|time to meet", TIME),
        "level": ("ability|ski ability|ability level", enum_kind("novice|improver|parallel|expert|racer")),
        "boots": ("boot size|boots|ski boot size", decimal_kind(20, 31, 1)),
        "ski": ("ski length cm|ski length|length of skis", count_kind(70, 190, "{} cm")),
        "price": ("lesson price|lesson fee|cost of lesson", amount_kind(300)),
        "lifts": ("lifts|lifts used|chairlifts", list_kind(lambda rng: made_up_name(rng) + rng.choice([" Express", " Chair", " Tow"]), 1, 3)),
        "helmet": ("helmet rented|helmet rental|rents helmet", "A helmet is rented too.|Helmet rental: please do add one.", "No helmet is rented.|Helmet rental is not needed."),
    }, "Ski school|Lesson voucher|Snow sports desk|Slope plan", """
        {pupil} takes a lesson with the ski teacher {teacher} in {resort}.
        The skier is called {pupil}.
        Your ski teacher will be {teacher}.
        The resort is {resort}.
        The lesson is on {day}, and you meet at {meet}.
        Day of the lesson: {day}.
        Please meet at the flag at {meet}.
        In ability you were placed as {level}.
        Boot size {boots}.
        The skis have a length of {ski}.
        The price of the lesson is {price}.
        You will be riding these lifts: {lifts}.
        """, """
        Lost gloves are kept at the kiosk of <person>.
        Hot soup is sold until <time>.
        The lower piste was closed on <date>.
        """),
    domain("tram incident", {
        "line": ("line|tram line|route", text_kind(streetcar_line)),
        "stop": ("stop|nearest stop|tram stop", text_kind(lambda rng: made_up_name(rng) + rng.choice(["platz", "brücke", " Gate", " Market"]))),
        "driver": ("tram driver|driver|driver name", PERSON),
        "date": ("incident date|day of incident|date of incident", DATE),
        "time": ("incident time|time of incident|happened at", TIME),
        "cause": ("cause|cause of incident|what happened", text_kind(chosen("a fallen branch|a parked van|a broken overhead wire|a frozen switch|a power cut|a door fault|a stray dog|a burst pipe"))),
        "delay": ("delay minutes|delay|minutes late", count_kind(2, 180, "{} minutes")),
        "injured": ("injured|people injured|injuries", count_kind(0, 9, "{} people|{} persons")),
        "damage": ("damage cost|repair estimate|cost of damage", amount_kind(8000)),
        "report": ("report number|incident number|report id", CODE),
        "police": ("police called|police informed|police involved", "The police were called.|We did call the police.", "The police were not called.|We did not call the police."),
    }, "Incident report|Control room|Line supervisor's sheet|Disruption", """
        Report number {report} deals with {line} near the stop {stop}.
        The incident was filed as report {report}.
        The route affected: {line}.
        The nearest stop is {stop}.
        At the controls was the tram driver {driver}.
        The incident happened on {date} at {time}.
        Date of the incident: {date}.
        It happened at {time}, shown by the recorder.
        The cause was {cause}.
        It led to a delay of {delay}.
        In total {injured} were injured.
        Damage is put at a cost of {damage}.
        """, """
        Season ticket holders may write to <person>.
        A ticket still costs <amount>.
        Track works nearby end on <date>.
        """),
    domain("pottery order", {
        "customer": ("ordered by|customer name|buyer name", PERSON),
        "pieces": ("pieces ordered|pieces|order pieces", items_kind(chosen("soup bowl|tall mug|fruit platter|butter dish|egg cup|milk jug|salt pot|tea cup"))),
        "glaze": ("glaze|glaze colour|colour of glaze", enum_kind("celadon|cobalt|oxblood|ash|honey|white|speckled")),
        "clay": ("clay|clay body|clay type", text_kind(lambda rng: rng.choice(["stoneware", "porcelain", "terracotta", "raku clay"]))),
        "firing": ("firing temperature|firing temp|kiln temperature", count_kind(900, 1320, "{} degrees|{} C")),
        "ready": ("ready date|ready on|ready by", DATE),
        "deposit": ("deposit|deposit paid|down payment", amount_kind(200)),
        "total": ("total price|price total|order total", amount_kind(900)),
        "ship": ("ship to|shipping address|send to", ADDRESS),
        "mail": ("buyer email|email|email address", EMAIL),
        "engraved": ("engraved|name engraved|with engraving", "The pieces are to be engraved.|Please have them engraved.", "The pieces are not to be engraved.|Please leave them without engraving."),
    }, "Studio order|Pottery order|Kiln list|Order from the workshop", """
        {customer} ordered {pieces}.
        This was ordered by {customer}.
        Pieces to throw: {pieces}.
        The glaze shall be {glaze} on {clay}.
        We use the {glaze} glaze.
        The clay will be {clay}.
        Firing temperature: {firing}.
        Everything is ready on {ready}.
        A deposit of {deposit} has come in; the total price is {total}.
        The deposit was {deposit}.
        In total the price is {total}.
        Ship to {ship}.
        The buyer's email address is {mail}.
        """, """
        The new wheel of <first> is wonderful.
        The open studio takes place on <date>.
        A bag of clay has gone up to <amount>.
        """),
)
