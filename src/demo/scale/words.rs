//! Names. All are made of ordinary words; `.example` belongs to nobody.

/// The rare word of the search, in the names of a few partners.
pub const RARE: &str = "Quetzalcoatl";

/// How names of partners begin.
pub const FIRST: &[&str] = &[
    "Amber",
    "Anchor",
    "Ardent",
    "Aspen",
    "Atlas",
    "Azure",
    "Beacon",
    "Birch",
    "Blue Harbour",
    "Bright",
    "Canyon",
    "Cedar",
    "Cobalt",
    "Coral",
    "Crescent",
    "Delta",
    "Dune",
    "Eastgate",
    "Ember",
    "Fern",
    "Foxglove",
    "Garnet",
    "Glacier",
    "Golden",
    "Granite",
    "Grove",
    "Hazel",
    "Heron",
    "Highland",
    "Indigo",
    "Iris",
    "Ivory",
    "Jade",
    "Juniper",
    "Kite",
    "Lantern",
    "Laurel",
    "Linden",
    "Lotus",
    "Maple",
    "Marble",
    "Meadow",
    "Mistral",
    "Northern",
    "Oak",
    "Ocean",
    "Olive",
    "Orchid",
    "Osprey",
    "Pearl",
    "Pine",
    "Prairie",
    "Quartz",
    "Raven",
    "River",
    "Saffron",
    "Sequoia",
    "Silver",
    "Solar",
    "Sparrow",
    "Summit",
    "Tidal",
    "Umber",
    "Willow",
];

/// How they go on.
pub const SECOND: &[&str] = &[
    "Bay", "Bridge", "Brook", "Castle", "Cliff", "Coast", "Cross", "Dale", "Field", "Ford", "Forge", "Gate", "Glen",
    "Hall", "Haven", "Hill", "Hollow", "House", "Island", "Lake", "Lane", "Light", "Market", "Mill", "Moor", "Park",
    "Peak", "Point", "Port", "Reach", "Ridge", "Rock", "Sound", "Spring", "Square", "Stone", "Street", "Tower", "Vale",
    "View", "Ward", "Water", "Way", "Well", "Wharf", "Wood", "Yard", "York",
];

/// What they are: each word is in the names of a tenth of them.
pub const TRADE: &[&str] =
    &["Airways", "Bank", "Books", "Cards", "Coffee", "Fuels", "Hotels", "Markets", "Rentals", "Travel"];

/// Given names.
pub const GIVEN: &[&str] = &[
    "Ada", "Amina", "Anton", "Beatriz", "Bruno", "Carla", "Chen", "Clara", "David", "Diego", "Elena", "Emil", "Fatima",
    "Felix", "Greta", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kofi", "Lara", "Leo", "Lucia", "Mara", "Mateo",
    "Mina", "Nadia", "Noah", "Olga", "Omar", "Paula", "Rafael", "Rosa", "Samir", "Sofia", "Tomas", "Vera", "Yuki",
    "Zoe",
];

/// Family names.
pub const FAMILY: &[&str] = &[
    "Abel", "Almeida", "Bauer", "Berg", "Castro", "Costa", "Dahl", "Dias", "Eriksen", "Fischer", "Garcia", "Haas",
    "Ito", "Jansen", "Kaya", "Keller", "Lang", "Lopez", "Marsh", "Meyer", "Nair", "Novak", "Okoro", "Olsen", "Park",
    "Petrov", "Quist", "Reyes", "Rossi", "Sato", "Silva", "Singh", "Stone", "Torres", "Usman", "Vogel", "Wang",
    "Weber", "Young", "Zhang",
];

/// What integrations do; each partner has one of each.
pub const INTEGRATIONS: &[&str] = &[
    "Points Accrual",
    "Points Redemption",
    "Booking Sync",
    "Partner Store",
    "Gift Cards",
    "Status Match",
    "Receipt Scan",
    "Offer Feed",
    "Balance Display",
    "Event Tickets",
];

/// Customers: what tenants are called.
pub const CUSTOMERS: &[&str] = &[
    "Bakery",
    "Brewery",
    "Cinema",
    "Clinic",
    "College",
    "Deli",
    "Dental",
    "Florist",
    "Gallery",
    "Garage",
    "Gym",
    "Hostel",
    "Jewellers",
    "Laundry",
    "Opticians",
    "Pharmacy",
    "Salon",
    "School",
    "Spa",
    "Theatre",
];

/// What is sold.
pub const PRODUCTS: &[&str] = &[
    "Airport Transfer",
    "Breakfast for Two",
    "Cabin Upgrade",
    "City Tour",
    "Coffee Voucher",
    "Day Pass",
    "Double Points Day",
    "Extra Bag",
    "Free Night",
    "Fuel Voucher",
    "Gift Card",
    "Late Check-out",
    "Lounge Visit",
    "Museum Ticket",
    "Picnic Basket",
    "Spa Morning",
    "Travel Pillow",
    "Weekend Rental",
    "Wine Tasting",
    "Yoga Class",
];

/// How campaigns begin.
pub const SEASONS: &[&str] = &["Spring", "Summer", "Autumn", "Winter", "Holiday"];

/// How they go on.
pub const CAMPAIGNS: &[&str] = &["Bonus", "Double Points", "Members’ Week", "Rewards", "Thank You"];

/// Time zones of partners.
pub const ZONES: &[&str] =
    &["Europe/Lisbon", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo", "Europe/London"];
