//! Who plays in the demo. All names and addresses are invented; `.example` belongs to nobody.

use crate::access::MemberRole;
use crate::partners::model::{Category, Kind, Status};

/// A partner of the demo.
pub struct Part {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Key of its type.
    pub type_key: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Category.
    pub category: Category,
    /// Zone.
    pub zone: &'static str,
    /// Support phone; empty for none.
    pub phone: &'static str,
    /// Support address; empty for none.
    pub email: &'static str,
    /// Where it stands in the end.
    pub status: Status,
    /// When it was created, in days before today.
    pub days_ago: i64,
}

/// A person of the demo.
pub struct Player {
    /// Address.
    pub email: &'static str,
    /// Name.
    pub name: &'static str,
    /// Code of the partner.
    pub partner: &'static str,
    /// Role there.
    pub role: MemberRole,
}

const fn part(
    code: &'static str,
    name: &'static str,
    type_key: &'static str,
    category: Category,
    zone: &'static str,
    (phone, email): (&'static str, &'static str),
    (status, days_ago): (Status, i64),
) -> Part {
    Part { code, name, type_key, kind: Kind::External, category, zone, phone, email, status, days_ago }
}

const fn own(part: Part, kind: Kind) -> Part {
    Part { kind, ..part }
}

use Category::{Accrual, Both, Redemption};
use Status::{Active, Archived, Offboarding, Pending, Planned, Suspended};

/// Partners of Solstice Rewards, in the order of their creation.
pub const SOLSTICE: &[Part] = &[
    own(
        part(
            "SOLSTICE",
            "Solstice Loyalty Services",
            "internal",
            Both,
            "Europe/Lisbon",
            ("+351215550100", "help@solstice.example"),
            (Active, 364),
        ),
        Kind::Own,
    ),
    own(
        part(
            "SOLCARDS",
            "Solstice Cards & Payments",
            "internal",
            Accrual,
            "Europe/Lisbon",
            ("+351215550130", "cards@solstice.example"),
            (Active, 362),
        ),
        Kind::Department,
    ),
    own(
        part(
            "SOLTRAVEL",
            "Solstice Travel Desk",
            "internal",
            Redemption,
            "Europe/Lisbon",
            ("+351215550140", "travel@solstice.example"),
            (Active, 360),
        ),
        Kind::Department,
    ),
    part(
        "KESTREL",
        "Kestrel Car Rental",
        "car-rental",
        Both,
        "Europe/Dublin",
        ("+35315550188", "ops@kestrel.example"),
        (Active, 352),
    ),
    part(
        "SHINONOME",
        "東雲ホテルズ&リゾーツ (Shinonome Hotels & Resorts)",
        "hotel",
        Both,
        "Asia/Tokyo",
        ("+81355500100", "partner@shinonome.example"),
        (Active, 345),
    ),
    part(
        "LEMAN",
        "Banque Lémanique Privée",
        "credit-card",
        Accrual,
        "Europe/Zurich",
        ("+41225550177", "fidelite@lemanique.example"),
        (Active, 338),
    ),
    part(
        "HARVEST",
        "Harvest & Hearth Grocers",
        "retail",
        Both,
        "America/Chicago",
        ("+13125550114", "loyalty@harvest.example"),
        (Active, 330),
    ),
    part(
        "ATHENA",
        "Βιβλιοπωλεία Αθηνά",
        "retail",
        Redemption,
        "Europe/Athens",
        ("+302105550166", "help@athena-books.example"),
        (Suspended, 322),
    ),
    part(
        "NORDLYS",
        "Nordlys Bank ASA",
        "credit-card",
        Accrual,
        "Europe/Oslo",
        ("+4721550109", "kort@nordlys.example"),
        (Offboarding, 311),
    ),
    part(
        "OEUSF",
        "Österreichisch-Ungarische Schifffahrts- und Fährgesellschaft mbH",
        "car-rental",
        Redemption,
        "Europe/Vienna",
        ("+4315550142", "support@oeusf.example"),
        (Active, 300),
    ),
    part(
        "VELVET",
        "Velvet Cinema Group",
        "retail",
        Redemption,
        "Europe/London",
        ("+442075550123", "box.office@velvet.example"),
        (Active, 288),
    ),
    part(
        "TRAMUNTANA",
        "Ferris de la Tramuntana, S.A.",
        "retail",
        Accrual,
        "Europe/Madrid",
        ("+34935550171", "atencio@tramuntana.example"),
        (Active, 271),
    ),
    part(
        "MERIDIAN",
        "Meridian Air",
        "airline",
        Both,
        "Europe/Paris",
        ("+33155501900", "partners@meridian-air.example"),
        (Active, 260),
    ),
    part(
        "BALTICA",
        "Baltica Airways",
        "airline",
        Both,
        "Europe/Riga",
        ("+37165550155", "loyalty@baltica.example"),
        (Active, 244),
    ),
    part(
        "SAFFRON",
        "Saffron Suites",
        "hotel",
        Redemption,
        "Asia/Kolkata",
        ("+912255501880", "care@saffron.example"),
        (Active, 229),
    ),
    part(
        "QUINTA",
        "Quinta das Oliveiras",
        "hotel",
        Redemption,
        "Europe/Lisbon",
        ("+351285550161", "reservas@quinta.example"),
        (Archived, 214),
    ),
    part(
        "COPPER",
        "Copper Kettle Coffee",
        "retail",
        Accrual,
        "America/New_York",
        ("+12125550193", "hello@copperkettle.example"),
        (Active, 198),
    ),
    part(
        "ZEPHYR",
        "Zephyr Mobility",
        "car-rental",
        Both,
        "Europe/Amsterdam",
        ("+31205550117", "service@zephyr.example"),
        (Active, 180),
    ),
    part(
        "AURORA",
        "Aurora Credit Union",
        "credit-card",
        Accrual,
        "America/Vancouver",
        ("+16045550138", "rewards@aurora.example"),
        (Active, 163),
    ),
    part(
        "HALCYON",
        "Halcyon Cruises",
        "hotel",
        Redemption,
        "Europe/Athens",
        ("+302105550190", "agents@halcyon.example"),
        (Suspended, 149),
    ),
    part(
        "MERCADO",
        "Mercado Central Digital",
        "retail",
        Both,
        "America/Bogota",
        ("+576015550172", "aliados@mercado.example"),
        (Active, 131),
    ),
    part(
        "TIDEWATER",
        "Tidewater Fuel",
        "retail",
        Accrual,
        "America/New_York",
        ("+17575550146", "fleet@tidewater.example"),
        (Archived, 118),
    ),
    part(
        "KOMOREBI",
        "こもれび書店 (Komorebi Books)",
        "retail",
        Redemption,
        "Asia/Tokyo",
        ("+81355500288", "shop@komorebi.example"),
        (Active, 96),
    ),
    part(
        "RIVERSTONE",
        "Riverstone Pharmacies",
        "retail",
        Accrual,
        "Europe/London",
        ("+442075550164", ""),
        (Active, 81),
    ),
    part(
        "ALWAHA",
        "مجموعة الواحة للضيافة (Al Waha Hospitality)",
        "hotel",
        Both,
        "Asia/Dubai",
        ("+97145550121", ""),
        (Pending, 62),
    ),
    part(
        "FJORD",
        "Fjord Ferries",
        "car-rental",
        Redemption,
        "Europe/Oslo",
        ("", "post@fjord-ferries.example"),
        (Pending, 47),
    ),
    part(
        "PALOMA",
        "Paloma Airlines",
        "airline",
        Both,
        "America/Mexico_City",
        ("+525555550183", "alianzas@paloma.example"),
        (Pending, 33),
    ),
    part(
        "PACIFICO",
        "Aerolíneas del Pacífico Sur",
        "airline",
        Both,
        "America/Santiago",
        ("+56255500133", ""),
        (Planned, 21),
    ),
    part("EMBER", "Ember & Oak Restaurants", "retail", Redemption, "Europe/Dublin", ("", ""), (Planned, 12)),
    part("LUMEN", "Lumen Streaming", "retail", Redemption, "Europe/Berlin", ("", ""), (Planned, 5)),
];

/// Partners of Northstar Perks: another program, of which nobody of Solstice sees anything.
pub const NORTHSTAR: &[Part] = &[
    own(
        part(
            "NORTHSTAR",
            "Northstar Perks Inc.",
            "internal",
            Both,
            "America/Chicago",
            ("+13125550170", "help@northstar.example"),
            (Active, 300),
        ),
        Kind::Own,
    ),
    part(
        "KESTREL",
        "Kestrel Car Rental",
        "car-rental",
        Accrual,
        "America/Chicago",
        ("+13125550188", "us@kestrel.example"),
        (Active, 280),
    ),
    part(
        "PRAIRIE",
        "Prairie Air",
        "airline",
        Both,
        "America/Denver",
        ("+13035550129", "partners@prairie-air.example"),
        (Active, 250),
    ),
    part(
        "LAKESHORE",
        "Lakeshore Inns",
        "hotel",
        Redemption,
        "America/Detroit",
        ("+13135550152", "groups@lakeshore.example"),
        (Active, 190),
    ),
    part(
        "SUMMIT",
        "Summit Outfitters",
        "retail",
        Both,
        "America/Denver",
        ("+17205550181", "b2b@summit.example"),
        (Suspended, 120),
    ),
    part(
        "BLUEBIRD",
        "Bluebird Bank",
        "credit-card",
        Accrual,
        "America/New_York",
        ("+12125550110", "cards@bluebird.example"),
        (Pending, 40),
    ),
    part("ORCHARD", "Orchard Street Market", "retail", Accrual, "America/New_York", ("", ""), (Planned, 9)),
];

const fn player(email: &'static str, name: &'static str, partner: &'static str, role: MemberRole) -> Player {
    Player { email, name, partner, role }
}

use MemberRole::{Admin, Auditor, Csr, Reviewer, User};

/// People of Solstice Rewards; the first admin of a partner is its primary contact.
pub const SOLSTICE_PEOPLE: &[Player] = &[
    player("ana.ferreira@solstice.example", "Ana Ferreira", "SOLSTICE", Admin),
    player("ben.okafor@solstice.example", "Ben Okafor", "SOLSTICE", Admin),
    player("rita.carvalho@solstice.example", "Rita Carvalho", "SOLSTICE", Reviewer),
    player("dele.martins@solstice.example", "Dele Martins", "SOLSTICE", Csr),
    player("yara.haddad@solstice.example", "Yara Haddad", "SOLSTICE", Csr),
    player("ingrid.solheim@solstice.example", "Ingrid Solheim", "SOLSTICE", Auditor),
    player("paulo.nunes@solstice.example", "Paulo Nunes", "SOLCARDS", Admin),
    player("marta.lopes@solstice.example", "Marta Lopes", "SOLTRAVEL", Admin),
    player("siobhan.nibhriain@kestrel.example", "Siobhán Ní Bhriain", "KESTREL", Admin),
    player("tadhg.phadraig@kestrel.example", "Tadhg Mac Giolla Phádraig", "KESTREL", User),
    player("misaki.tanaka@shinonome.example", "田中 美咲", "SHINONOME", Admin),
    player("minhanh.nguyen@shinonome.example", "Nguyễn Thị Minh Anh", "SHINONOME", Admin),
    player("daniela.kuhn@shinonome.example", "Daniela Kühn-Sakamoto", "SHINONOME", User),
    player("sakura.suzuki@shinonome.example", "鈴木 さくら", "SHINONOME", User),
    player("chloe.dubois@lemanique.example", "Chloé Dubois", "LEMAN", Admin),
    player("oluwaseun.adeyemi@harvest.example", "Oluwaseun Adeyemi-Richardson", "HARVEST", Admin),
    player("ana.ferreira@solstice.example", "Ana Ferreira", "HARVEST", Auditor),
    player("eleni.pappa@athena-books.example", "Ελένη Παππά", "ATHENA", Admin),
    player("ase.bjornstad@nordlys.example", "Åse Bjørnstad", "NORDLYS", Admin),
    player("maximiliane.thurn@oeusf.example", "Maximiliane Freifrau von Thurn-Hohenberg", "OEUSF", Admin),
    player("oscar.blythe@velvet.example", "Oscar Blythe", "VELVET", Admin),
    player("jordi.puig@tramuntana.example", "Jordi Puig i Ferrer", "TRAMUNTANA", Admin),
    player("lucie.moreau@meridian-air.example", "Lucie Moreau", "MERIDIAN", Admin),
    player("karlis.ozols@baltica.example", "Kārlis Ozols", "BALTICA", Admin),
    player("priya.raman@saffron.example", "Priya Raman", "SAFFRON", Admin),
    player("nora.quinn@copperkettle.example", "Nora Quinn", "COPPER", Admin),
    player("daan.vries@zephyr.example", "Daan de Vries", "ZEPHYR", Admin),
    player("hannah.cho@aurora.example", "Hannah Cho", "AURORA", Admin),
    player("nikos.vale@halcyon.example", "Nikos Vale", "HALCYON", Admin),
    player("camila.rojas@mercado.example", "Camila Rojas", "MERCADO", Admin),
    player("haruto.mori@komorebi.example", "森 陽翔", "KOMOREBI", Admin),
    player("khalid.mansoori@alwaha.example", "خالد المنصوري", "ALWAHA", Admin),
];

/// People of Northstar Perks. Siobhán works for her company in both programs.
pub const NORTHSTAR_PEOPLE: &[Player] = &[
    player("june.whitfield@northstar.example", "June Whitfield", "NORTHSTAR", Admin),
    player("marcus.hale@northstar.example", "Marcus Hale", "NORTHSTAR", Csr),
    player("siobhan.nibhriain@kestrel.example", "Siobhán Ní Bhriain", "KESTREL", Admin),
    player("walt.jensen@prairie-air.example", "Walt Jensen", "PRAIRIE", Admin),
    player("dora.klein@lakeshore.example", "Dora Klein", "LAKESHORE", Admin),
    player("ty.begay@summit.example", "Ty Begay", "SUMMIT", Admin),
];
