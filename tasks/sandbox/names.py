"""Words that seeded people are made of: names, companies, places, area codes. All made up or public."""

FIRST = (
    "Aaron", "Abigail", "Adriana", "Ahmed", "Aisha", "Alan", "Alicia", "Amara", "Amelia", "Andre", "Angela", "Anita",
    "Anthony", "Ariana", "Arjun", "Ava", "Beatriz", "Benjamin", "Bianca", "Brandon", "Brooke", "Caleb", "Camila",
    "Carlos", "Carmen", "Caroline", "Charlotte", "Chloe", "Claire", "Cody", "Connor", "Cynthia", "Damian", "Daniela",
    "Darius", "David", "Deborah", "Derek", "Diego", "Dominic", "Dylan", "Eduardo", "Elena", "Elijah", "Elise", "Emma",
    "Ethan", "Eva", "Fatima", "Felix", "Fiona", "Gabriel", "Gloria", "Grace", "Grant", "Hannah", "Harper", "Hassan",
    "Hector", "Helen", "Henry", "Ibrahim", "Imani", "Irene", "Isaac", "Isabel", "Ivan", "Jade", "Jasmine", "Javier",
    "Jenna", "Joanna", "Joel", "Jordan", "Julia", "Kai", "Karen", "Keisha", "Kevin", "Khalid", "Kiara", "Lara",
    "Laura", "Leah", "Leon", "Lily", "Logan", "Lucia", "Luis", "Maya", "Megan", "Mei", "Miguel", "Miriam", "Nadia",
    "Naomi", "Nathan", "Nicole", "Nina", "Noah", "Nora", "Olga", "Olivia", "Omar", "Oscar", "Paige", "Priya", "Quinn",
    "Rachel", "Rafael", "Renee", "Rosa", "Ruth", "Samir", "Sara", "Simon", "Sofia",
)  # fmt: skip

LAST = (
    "Abbott", "Acosta", "Adler", "Aguilar", "Alvarez", "Andrews", "Armstrong", "Atkins", "Bailey", "Barnes", "Bauer",
    "Becker", "Bennett", "Bishop", "Blake", "Bowman", "Brennan", "Brooks", "Burke", "Byrne", "Calderon", "Campbell",
    "Cardenas", "Carter", "Castillo", "Chambers", "Chan", "Chavez", "Cho", "Clark", "Coleman", "Conway", "Cooper",
    "Cordova", "Costa", "Craig", "Cruz", "Dalton", "Davies", "Delgado", "Desai", "Dixon", "Doyle", "Duarte", "Dunn",
    "Duran", "Eaton", "Elliott", "Ellis", "Espinoza", "Estrada", "Farrell", "Ferguson", "Fields", "Fischer",
    "Fleming", "Flores", "Foster", "Fowler", "Fuentes", "Gallagher", "Garza", "Gibson", "Gomez", "Graham", "Greene",
    "Griffin", "Guzman", "Hale", "Hamilton", "Harmon", "Hayes", "Herrera", "Higgins", "Hoffman", "Howell", "Huang",
    "Hunt", "Ibarra", "Iyer", "Jacobs", "Jensen", "Keller", "Kelly", "Khan", "Kim", "Knight", "Kowalski", "Lambert",
    "Lang", "Lawson", "Leon", "Lindsey", "Lopez", "Lowe", "Lyons", "Maldonado", "Marsh", "Mason", "Medina", "Mejia",
    "Mercer", "Meyer", "Molina", "Moreno", "Morgan", "Nash", "Navarro", "Nguyen", "Novak", "Obrien", "Okafor",
    "Ortega", "Osborne", "Owens", "Pacheco", "Palmer", "Park", "Patel", "Payne", "Perry", "Pham", "Quintero",
    "Ramsey", "Reyes", "Rojas", "Romero",
)  # fmt: skip

SHORT = {
    "Abigail": "Abby", "Anthony": "Tony", "Benjamin": "Ben", "Caroline": "Carrie", "Charlotte": "Charlie",
    "Cynthia": "Cindy", "Deborah": "Debbie", "Eduardo": "Eddie", "Gabriel": "Gabe", "Isabel": "Izzy",
    "Miguel": "Mike", "Nathan": "Nate", "Nicole": "Nikki", "Rafael": "Rafa", "Samir": "Sam",
}  # fmt: skip

TRADES = (
    "Dental", "Solar", "Roofing", "Realty", "Insurance", "Logistics", "Fitness", "Plumbing", "Catering", "Optics",
    "Printing", "Motors", "Textiles", "Robotics", "Gardens", "Travel", "Staffing", "Foods", "Studios", "Clinics",
)  # fmt: skip
MARKS = (
    "Summit", "Harbor", "Redwood", "Blue Mesa", "Northgate", "Cedar", "Lakeside", "Ironwood", "Prairie", "Beacon",
    "Silver Oak", "Granite", "Sunrise", "Westport", "Evergreen", "Copper", "Bayview", "Highland", "Magnolia", "Pioneer",
)  # fmt: skip

# City, state, postal code, zone.
PLACES = (
    ("San Francisco", "CA", "94103", "America/Los_Angeles"),
    ("Phoenix", "AZ", "85004", "America/Phoenix"),
    ("Denver", "CO", "80202", "America/Denver"),
    ("Austin", "TX", "78701", "America/Chicago"),
    ("Chicago", "IL", "60601", "America/Chicago"),
    ("Miami", "FL", "33130", "America/New_York"),
    ("Boston", "MA", "02108", "America/New_York"),
    ("New York", "NY", "10012", "America/New_York"),
)

AREA_CODES = (
    "201", "202", "203", "206", "207", "208", "210", "212", "213", "214", "215", "216", "217", "218", "219", "301",
    "302", "303", "304", "305", "307", "308", "309", "310", "312", "313", "314", "315", "316", "317", "318", "319",
    "321", "323", "334", "336", "337", "401", "402", "404", "405", "406", "407", "408", "409", "410", "412", "413",
    "414", "415", "417", "419", "423", "425", "432", "434", "501", "502", "503", "504", "505", "507", "508", "509",
    "510", "512", "513", "515", "516", "517", "518", "520", "530", "540", "541", "559", "561", "562", "601", "602",
    "603", "605", "606", "607", "608", "609", "610", "612", "614", "615", "616", "617", "618", "619", "620", "623",
    "626", "630", "702", "713", "718", "801",
)  # fmt: skip

# London, Leeds and Manchester numbers that the regulator keeps for fiction: all but the last three digits.
UK_PREFIXES = (("20", "7946", "0"), ("113", "496", "0"), ("161", "496", "0"))

AGENTS = (
    ("Dana", "Whitfield"),
    ("Marcus", "Oyelaran"),
    ("Priscilla", "Tran"),
    ("Jonah", "Lindqvist"),
    ("Yolanda", "Pierce"),
)
HOUSE = "brightline.example"  # the company whose people use the three systems
