#include "metrics/measures/industry_words.hpp"

namespace scena::metrics {
namespace {

constexpr IndustryLine kIndustryLines[] = {
    {"technology", 3,
     "software developer programmer programming kubernetes backend frontend devops microservice "
     "api "
     "javascript python java codebase saas sdk refactor compiler repository github firmware docker "
     "server database cybersecurity linux debug debugging malware startup algorithm coding sprint "
     "scrum latency aws cloud deployment webapp smartphone encryption app apps dataset"},
    {"technology", 1,
     "code computer engineer data platform network bug website digital internet deploy release "
     "feature stack architecture test system user version technical technology tech ai automation "
     "laptop hardware login password"},
    {"technology", 3,
     "cache firewall gui ux webpage sysadmin kernel sql html css typescript android ios "
     "chatbot virtualization bandwidth router wifi modem cpu gpu semiconductor gigabyte "
     "codebases microservices uptime serverless developers programs deploys "
     "hacker hackers phishing ransomware authentication blockchain scalability git repo "
     "runtime rollback outage backend programmers coder webserver"},
    {"technology", 1,
     "commit merge merges production tester tests pixel release releases query "
     "web upload download file files memory online design application applications patch "
     "model models device devices interface screen password passwords users install "
     "installed servers cyber chip chips tablet query script"},
    {"healthcare", 3,
     "patient patients hospital nurse nursing doctor physician clinic clinical surgery surgeon "
     "diagnosis symptom symptoms prescription medication antibiotic pharmacy pharmacist ward icu "
     "oncology cardiology paediatric pediatric therapist radiology vaccine dosage dose tumor "
     "tumour "
     "cancer chemotherapy diabetes insulin asthma bloodwork triage anesthesia midwife dentist "
     "rehabilitation caregiver discharge medical medicine biopsy fever nausea"},
    {"healthcare", 1,
     "pain blood health care treatment therapy disease infection injury emergency allergy heart "
     "lung "
     "chest pressure pill pills appointment scan recovery condition mg"},
    {"healthcare", 3,
     "physiotherapist paediatrician anaesthetist optician orthopaedic bandage maternity "
     "psychologist "
     "radiologist cardiologist gp "
     "physiotherapy headache headaches migraine ecg xray mri anaesthetic antibiotics "
     "paramedic ambulance stethoscope gynecologist pediatrician vaccination vaccinated "
     "epilepsy dementia alzheimer hepatitis pneumonia bronchitis wheelchair catheter "
     "infusion transplant dialysis cholesterol psychiatrist psychiatric paracetamol "
     "ibuprofen aspirin inhaler kidney penicillin hospice wards surgeries"},
    {"healthcare", 1,
     "operation sick ill illness dizzy cough wound bleeding tablet tablets pregnancy "
     "pregnant test tests values liver stroke hurts swollen ache relief vet therapy"},
    {"finance", 3,
     "bank banking banker loan loans mortgage investor investment portfolio hedge "
     "equity equities bond bonds dividend broker brokerage trader trading audit auditor accountant "
     "accounting ledger fintech underwriting actuary insurance insurer premium deductible pension "
     "fund funds treasury liquidity ipo securities asset assets creditor overdraft deposit "
     "derivatives stocks shareholder hedging basel repayment"},
    {"finance", 1,
     "financial finance money credit account tax interest risk capital balance payment transaction "
     "savings market revenue fraud compliance debt invest currency budget stock cash"},
    {"finance", 3,
     "insure insured insures policyholder treasurer cfo financier lends underwriter banks "
     "earnings refinance lender lending borrower collateral annuity forex bitcoin "
     "cryptocurrency valuation bookkeeping invoice invoices payroll taxes bankruptcy "
     "insolvency bookkeeper wealth shares savings fiscal inflation creditworthiness"},
    {"finance", 1,
     "trade trades futures options "
     "share quarter quarterly forecast profit profits fees percent rates account accounts "
     "bill bills returned salary costs figures"},
    {"retail", 3,
     "shopper shoppers store stores retail retailer checkout cashier merchandise merchandising "
     "supermarket grocery shelf shelves footfall sku ecommerce clothing apparel boutique "
     "refund coupon mall shopping shop storefront planogram till shrinkage"},
    {"retail", 1,
     "customer customers discount sale sales brand product products inventory stock receipt return "
     "price order promotion purchase fashion shoes size aisle basket"},
    {"retail", 2,
     "markdown restock groceries shopkeeper outlet clothes coat coats skirt trousers "
     "sweater jeans sneakers dress shirt jacket toys cosmetics perfume handbag handbags "
     "voucher vouchers barcode salesperson showroom cashiers shops bookstore aisles "
     "trolley"},
    {"manufacturing", 3,
     "factory factories manufacturing manufacturer assembly machinist machining cnc "
     "welding welder foundry lathe conveyor shopfloor lean kaizen sigma tooling "
     "casting stamping fabrication throughput milling torque calibration "
     "robotics downtime tolerance tolerances scrap rework"},
    {"manufacturing", 1,
     "production plant machine machines machinery steel parts quality shift operator line defect "
     "defects raw material materials maintenance batch equipment supplier safety metal press "
     "prototype component components automotive"},
    {"manufacturing", 3,
     "gearbox gearboxes bearing bearings castings molding moulding extrusion weld welds "
     "workpiece micrometer presses rivet turning grinder stainless smelter mill assembled"},
    {"manufacturing", 1,
     "batch specification specifications produce produced produces robot robots shifts "
     "workers workshop output drill made components engine pipes inspect"},
    {"education", 3,
     "headmaster headmistress educator graduation schoolchildren vocational preschool teach taught "
     "student students teacher teachers teaching classroom curriculum school schools university "
     "college professor lecture lecturer pupil pupils homework syllabus semester kindergarten "
     "principal tuition campus pedagogy exam exams grading scholarship thesis tutor tutoring "
     "literacy phd undergraduate faculty academic lesson lessons essay headteacher"},
    {"education", 1,
     "term terms teach history chemistry maths "
     "class grade grades learning learn course courses degree education educational training "
     "math reading parents study assignment children academy knowledge"},
    {"legal", 3,
     "lawyer lawyers attorney solicitor barrister paralegal litigation court courtroom judge jury "
     "plaintiff defendant lawsuit deposition statute subpoena verdict testimony testify prosecutor "
     "prosecution counsel affidavit tort clause settlement injunction arbitration appeal "
     "jurisdiction hearsay indictment bail alibi legal law laws contractual litigate"},
    {"legal", 1,
     "case contract evidence witness rights client trial evidence crime police brief filing claim "
     "liability dispute agreement suspect sued sue hearing objection"},
    {"legal", 3,
     "suing breach prosecute convicted conviction plea parole probation tribunal notary "
     "heirs inheritance patent trademark copyright infringement legislation nda allegation "
     "unlawful defendant defendants bailiff magistrate lawful"},
    {"legal", 1,
     "represent represents draft drafts firm bar statute "
     "charges charged guilty innocent custody damages court sentence sign wills will "
     "settle alleged accused denies copyright prison regulation"},
    {"real-estate", 3,
     "realtor realty tenant tenants landlord lease leasing property properties apartment "
     "apartments "
     "condo listing listings bedroom bedrooms bathroom escrow zoning homebuyer "
     "homeowner sqft rent rental brokered foreclosure "
     "appraisal penthouse subletting sublet"},
    {"real-estate", 1,
     "house houses home building mortgage neighborhood neighbourhood kitchen garden buyer seller "
     "location agent viewing renovation floor deposit garage square feet"},
    {"real-estate", 3,
     "balcony tenancy bungalow duplex storey furnished unfurnished homeowners "
     "estate realtors rents flats housing"},
    {"real-estate", 1,
     "cellar basement attic roof flat damp square sqm renovated view street rooms neighbours "
     "heating parking offer"},
    {"hospitality", 3,
     "hotel hotels guest guests restaurant restaurants waiter waitress chef bartender concierge "
     "housekeeping reservation reservations resort banquet catering sommelier barista "
     "buffet occupancy lobby hostel menu dining diner dish dishes cuisine "
     "hospitality tourism tourist cocktails"},
    {"hospitality", 1,
     "booking kitchen table room rooms bar food service breakfast dinner lunch wine tip tips suite "
     "travel stay meal event holiday vacation"},
    {"hospitality", 3,
     "innkeeper housekeeper caterer cater caters "
     "waiters brunch receptionist pub inn motel minibar spa bellhop vegan guesthouse "
     "checkin diners cocktail serving waitressing"},
    {"hospitality", 1,
     "served reception cook cooks cooked double night nights checkout pool outside beach "
     "coffee tables drinks menu tasting guided"},
    {"logistics", 3,
     "logistics freight shipment shipments shipping warehouse warehouses truck trucks trucker "
     "trucking pallet pallets forklift courier cargo customs container containers dispatcher "
     "dispatch haulage fleet carrier carriers delivery deliveries tracking "
     "lorry port dock docks manifest drayage 3pl fulfillment fulfilment"},
    {"logistics", 1,
     "route routes driver drivers delay package parcel inventory load loading van transport "
     "transportation distribution supply stock import export fuel mileage"},
    {"logistics", 3,
     "haulier hauliers haul warehouseman tonnage "
     "depot lorries forwarder warehousing parcels unloading couriers freighter trailer "
     "shipper consignment"},
    {"logistics", 1,
     "diesel packages ship ships border address trucks loaded delivered deliver late "
     "crates"},
    {"energy", 3,
     "energy solar turbine turbines grid megawatt megawatts kilowatt gigawatt pipeline "
     "drilling refinery petroleum nuclear reactor photovoltaic utility utilities "
     "substation hydroelectric geothermal renewables renewable offshore rig barrel barrels "
     "transformer electricity biomass lng wellhead kwh mw emissions decarbonization"},
    {"energy", 1,
     "power oil gas wind panel panels plant battery batteries fuel coal carbon electric hydrogen "
     "emission climate outage meter voltage generator"},
    {"energy", 3,
     "powerline powerlines oilfield pylon pylons biogas "
     "blackout drilled fracking megawatts kilowatts watt watts volts wattage powerplant "
     "coalmine hydropower photovoltaics gasoline petrol"},
    {"energy", 2, "wind power panels"},
    {"energy", 1,
     "homes drill offshore reactor emits emit heating transformer grid insulation charging "
     "meters supply"},
    {"agriculture", 3,
     "farm farms farmer farmers farming crop crops harvest harvesting livestock cattle dairy "
     "tractor "
     "tractors irrigation fertilizer fertiliser pesticide pesticides wheat corn soybean soybeans "
     "barley orchard vineyard greenhouse acre acres hectare hectares agronomist agronomy "
     "agricultural agriculture herd poultry sheep pigs cows cow tillage sowing seedlings silage "
     "hay manure ranch "},
    {"agriculture", 1,
     "soil seed seeds field fields plant planting grow growing rain drought land season feed weeds "
     "milk yield yields grain animals pests"},
    {"agriculture", 3,
     "calves calf ewes fodder straw milking cultivate combine "
     "plough plow grazing graze lamb lambs goats hens barn beehive pasture fertilize "
     "fertilise agrarian sow manure vines orchards potatoes rye oats beekeeper"},
    {"technology", 3,
     "rust golang kotlin webdev dev devs sre hotfix changelog plugin endpoint endpoints "
     "backlog jira wireframe usability hosting hosted hostname vpn ssh json xml http https "
     "ip dns datacenter mainframe spreadsheet telecom broadband 5g robotics chatbots llm gpt "
     "pixels microchip circuit simulator gamedev browser browsers crash crashes crashed pc "
     "desktop"},
    {"technology", 1,
     "engineers search index page pages load loads request requests review security hole "
     "patched log logs app cyber feature prototype scale teams phone phones tech update "
     "updates sync mobile"},
    {"healthcare", 3,
     "hip dementia alzheimers hygienist orthodontist dermatologist neurologist urologist "
     "oncologist gynaecologist obstetrician anaesthesia scalpel stitches plaster fracture "
     "fractures cataract rehab hospitalised hospitalized inpatient outpatient outpatients "
     "carer carers ultrasound pathology immunology virology epidemic pandemic vaccinations "
     "injections injection syringe allergic arthritis eczema obesity"},
    {"healthcare", 1,
     "blood samples screen waiting knee bone bones skin lungs brain teeth tooth weight diet "
     "sleep anxiety depression mental elderly home"},
    {"finance", 3,
     "invest invests investing shareholders subprime securitisation fintechs microfinance "
     "remittance wealth solvency bailout brokers insurers reinsurance actuarial claimant "
     "annuity pensions lenders default defaults defaulted iban overdrafts arbitrage sheet "
     "ledgers controller cpa amortisation depreciation audits audited taxation vat gdp "
     "macroeconomic margin margins"},
    {"finance", 1,
     "books rates raised family families advise close central report interest payments "
     "behind euro euros dollar dollars pound bonus cost"},
    {"retail", 3,
     "till tills store shopfront checkouts cashback clearance bestseller assortment "
     "hypermarket florist bakery butcher greengrocer newsagent franchise wholesaler "
     "wholesale resale loyalty giveaway mannequin display displays jewellery jeweller "
     "furniture"},
    {"retail", 1,
     "window sizes bag bags gift gifts buys online prices compare queue black friday colour"},
    {"manufacturing", 3,
     "plant plants forge forged forging sheet sheets welded galvanised laminate injection "
     "mould moulds mold molds punch turbomachinery gearwheel fitter toolmaker millwright "
     "blowtorch pallets ppm iso9001 kanban oee changeover rollers furnace smelting textile "
     "textiles loom weaving sawmill papermill packaging bottling"},
    {"manufacturing", 1,
     "suppliers make makes worker switched night washing engines cars car tractor plastics "
     "plastic rubber glass ceramic"},
    {"education", 3,
     "algebra geometry exam pupil lecturers dean freshman sophomore alumni dissertation "
     "seminar seminars textbook textbooks blackboard whiteboard playground montessori "
     "boarding tutors apprenticeship headteachers classrooms schooling quiz quizzes "
     "curricula"},
    {"education", 1,
     "failed lesson year shakespeare evening adults young reading writing science german "
     "french"},
    {"legal", 3,
     "plead pleaded pleads gdpr lawsuit legislator clerk clauses contract contracts "
     "litigator conveyancing solicitors attorneys deposed perjury acquitted acquittal "
     "custody felony misdemeanor manslaughter libel defamation trustee probate executor "
     "antitrust paralegals legally"},
    {"legal", 1,
     "advise protection law companies client clients side settle settled asked partner"},
    {"real-estate", 3,
     "refurbish refurbished homes viewings landlords subtenant freehold leasehold mortgagee "
     "surveyor conveyance letting lettings lets relocation staging housebuilder plot villa "
     "villas cottage loft lofts studio mansion estates vacancy vacancies"},
    {"real-estate", 1,
     "buyers sellers move office signed metres feet bought sold price asking sign home"},
    {"hospitality", 3,
     "campsite camping bookings campground lodge bnb hostels chefs sous pastry baker barman "
     "barmaid cruise doorman porter valet maid maids chambermaid tapas bistro cafe cafeteria "
     "canteen tavern brasserie caterers banquets weddings wedding"},
    {"hospitality", 1,
     "sea summer clean leave dining serve serves breakfast party evening four tourists seats "
     "sit outside"},
    {"logistics", 3,
     "terminal terminals cargoes airfreight seafreight incoterms trucking forklifts loader "
     "stevedore longshoreman containership vessel vessels rail railway wagon wagons "
     "intermodal postman mailman postal parcel couriers fleets tachograph"},
    {"logistics", 1, "planes load wait hours trucks late track pick packing"},
    {"energy", 3,
     "wells oilwell pipelines hydrocarbon lng geologist windmill windmills blades inverter "
     "inverters uranium dam dams hydro tidal thermal boiler boilers heatpump insulating "
     "electrician electricians lignite shale"},
    {"energy", 1, "well leaks produce bills electric feed cellars roofs read"},
    {"agriculture", 3,
     "maize vines grapes winery apples apple fruit cherry cherries olives olive rice "
     "sugarcane beet beets carrots cabbage lettuce tomatoes onions mildew fungicide "
     "herbicide herbicides drought orchards fruits slurry barns stable stables shear "
     "shearing sheepdog hatchery fishery aquaculture forestry timber shepherd breed breeds "
     "breeding"},
    {"agriculture", 1, "spray seedlings cheese sow killed acres pasture wool winter spring"},
    {"agriculture", 1,
     "frost hail vet spraying dry water eggs meadow horses summer fields grown rot pigs"},
};

}  // namespace

std::span<const IndustryLine> industry_lines() {
  return kIndustryLines;
}

}  // namespace scena::metrics
