#include "metrics/measures/industry_words.hpp"

namespace scena::metrics {
namespace {

constexpr IndustryLine kIndustryLines[] = {
    {"technology", 3,
     "5g android app authentication aws backend backlog bandwidth blockchain broadband browser "
     "cache changelog chatbot circuit codebase coded coder coding compiler cpu css "
     "cybersecurity database datacenter dataset debug debugged debugging deployed deploying "
     "deployment deploys desktop dev developer devops dns docker encryption endpoint firewall "
     "firmware frontend gamedev gigabyte git github golang gpt gpu gui hackathon hacker hosted "
     "hosting hostname hotfix html http ios ip java javascript jira json kernel kotlin "
     "kubernetes latency linux llm mainframe malware microchip microservice modem outage pc "
     "phishing pixels programmer programming programs python ransomware recompile refactor repo "
     "repository rollback router runtime saas scalability scrum sdk semiconductor serverless "
     "smartphone software spreadsheet sql sre ssh startup sysadmin telecom typescript uptime "
     "usability ux virtualization vpn webapp webdev webpage webserver website wifi wireframe "
     "xml"},
    {"technology", 1,
     "ai algorithm api application cluster architecture automation bug chip cloud code commit "
     "computer "
     "crash crashed cyber data deploy design device digital download engineer feature file "
     "hardware index install installed interface internet laptop load log login memory merge "
     "mobile models network online page password patch patched phone pixel platform plugin "
     "production prototype query release request review robotics rust screen script search "
     "security server services simulator sprint stack sync system tablet tech technical "
     "technology test tester update upload user version web"},
    {"healthcare", 3,
     "allergic alzheimer ambulance anaesthesia anaesthetic anaesthetist anesthesia antibiotic "
     "arthritis aspirin asthma bandage biopsy bloodwork bronchitis cancer cardiologist "
     "cardiology caregiver carer cataract catheter chemotherapy cholesterol clinic clinical "
     "dementia dentist dermatologist diabetes diagnosed diagnoses diagnosis dialysis doctors "
     "dosage dose ecg eczema epidemic epilepsy fracture gp gynaecologist gynecologist headache "
     "hepatitis hospice hospital hospitalised hospitalized hygienist ibuprofen icu immunology "
     "infusion inhaler injection inpatient insulin kidney maternity medical medication medicine "
     "midwife midwives migraine mri neurologist nurse nursing obesity obstetrician oncologist "
     "oncology optician orthodontist orthopaedic outpatient paediatric paediatrician pandemic "
     "paracetamol paramedic pathology patients pediatric pediatrician penicillin pharmacist "
     "pharmacy physician physiotherapist physiotherapy pneumonia prescribed prescribes "
     "prescription psychiatric psychiatrist psychologist radiologist radiology rehabilitation "
     "scalpel stethoscope surgeon surgery symptoms syringe therapist transplant triage tumor "
     "tumour ultrasound urologist vaccinate vaccinated vaccination vaccine virology ward "
     "wheelchair xray"},
    {"healthcare", 1,
     "ache allergy anxiety appointment bleeding blood bones care condition cough depression "
     "diet discharge disease dizzy doctor elderly emergency fever health heart hip hurts ill "
     "illness infection injury knee liver lung mental mg nausea operation pain patient pill "
     "plaster pregnancy pregnant pressure recovery rehab relief scan screen screening sick "
     "stitches stroke swollen symptom tablet teeth test therapy tooth treatment vet waiting "
     "wound"},
    {"finance", 3,
     "accountant accounting actuarial actuary amortisation annuity arbitrage asset audit "
     "audited auditing auditor bailout banker bankruptcy basel bitcoin bonds bookkeeper "
     "bookkeeping borrower brokerage brokers cfo claimant collateral cpa creditor "
     "creditworthiness cryptocurrency deductible defaulted defaults depreciation derivatives "
     "dividend earnings equity financier fintech fintechs fiscal forex gdp hedge hedging iban "
     "inflation insolvency insurance insure insured insurer invest invested investing "
     "investment investor invoices ipo ledger lender lending lends lent liquidity loan "
     "macroeconomic microfinance mortgage overdraft payroll pension policyholder portfolios "
     "refinance reinsurance remittance repayment securities securitisation shareholder solvency "
     "subprime taxation taxes trader trading treasurer treasury underwrite underwriter "
     "underwriting valuation vat"},
    {"finance", 1,
     "account advise balance bank banking bond bonus books broker budget capital cash "
     "compliance controller credit currency debt default deposit dollar euro fees finance "
     "financial forecast fraud fund futures interest invoice margin market money options "
     "payment percent portfolio pound premium profit quarter quarterly rates revenue risk "
     "salary savings share sheet stock tax trade transaction wealth"},
    {"retail", 3,
     "aisles apparel assortment barcode bestseller bookshop bookstore boutique cashback cashier "
     "checkouts clothing cosmetics coupon drugstore ecommerce footfall franchise giveaway "
     "greengrocer haberdashery handbag hypermarket jeans jeweller loyalty mall mannequin "
     "markdown merchandise merchandising newsagent perfume planogram refund resale restock "
     "retail retailer salesman salesperson saleswoman shopfront shopkeeper shopkeepers shopper "
     "shops showroom shrinkage sku sneakers stocktaking storefront stores supermarket sweater "
     "trolley voucher wholesale wholesaler"},
    {"retail", 1,
     "aisle bakery bargain basket brand butcher checkout clearance clothes coat compare "
     "customer discount display dress entrance fashion florist furniture gift goods grocery "
     "haggle inventory jacket jewellery online outlet price product promotion purchase queue "
     "receipt sale shelf shelves shirt shoes shop shopping size skirt stock stocktake store "
     "till toys trousers"},
    {"manufacturing", 3,
     "assembled assembly bearings blowtorch bottling castings changeover cnc conveyor downtime "
     "extrusion fabrication factory forged forgings foundry furnace galvanised gearbox "
     "gearwheel iso9001 kaizen kanban laminate lathe loom machined machining machinist "
     "manufacturer manufacturing micrometer milled milling millwright molded moulded moulding "
     "oee pallets papermill ppm rivet sawmill shopfloor smelter smelting stainless textile "
     "throughput tolerances toolmaker torque turbomachinery weld welded welder welding "
     "workpiece"},
    {"manufacturing", 1,
     "automotive batch bearing bolt calibration casting ceramic component defect drill engine "
     "equipment fitter forge forging glass grinder injection inspect line machine machinery "
     "maintenance material metal mill mold molding mould operator output packaging parts pipes "
     "plant plastic press produce produced production prototype punch quality raw rework robot "
     "robotics rollers rubber scrap screw sheet shift sigma specification stamp stamping steel "
     "supplier switched tolerance tool tooling tractor turning weaving worker workshop"},
    {"education", 3,
     "academic algebra alumni apprenticeship blackboard campus classroom curricula curriculum "
     "dissertation educator freshman geometry grading graduation headmaster headmistress "
     "headteacher homework kindergarten lecture lectured lecturer lecturing literacy montessori "
     "pedagogy phd preschool professor pupils quizzes scholarship schoolchildren schooling "
     "schoolteacher semester seminar sophomore students syllabus teachers teaches textbook "
     "thesis tuition tutor tutored tutoring undergraduate university vocational whiteboard"},
    {"education", 1,
     "academy assignment boarding chemistry children class college course dean degree education "
     "educational essay exam faculty failed grade history learn learning lesson mark math "
     "parents playground principal pupil quiz reading school science shakespeare student study "
     "taught teach teacher teaching term tests training writing"},
    {"legal", 3,
     "acquittal acquitted affidavit alibi allegation antitrust appealed arbitration attorney "
     "bailiff barrister clauses contractual conveyancing convicted conviction copyright "
     "courtroom courts defamation defendant deposed executor felony gdpr hearsay heirs "
     "indictment infringement inheritance injunction judges juries jurisdiction lawful lawsuit "
     "lawyer legally legislation legislator libel litigate litigated litigation litigator "
     "magistrate manslaughter misdemeanor nda notary paralegal patent perjury plaintiff plea "
     "plead pleaded probate probation prosecute prosecuted prosecuting prosecution prosecutor "
     "solicitor statute subpoena subpoenaed sued suing testified testify testimony tort "
     "trademark tribunal trustee unlawful verdict"},
    {"legal", 1,
     "accused advise agreement alleged appeal bail breach burglary case charged charges claim "
     "clause clerk client companies contract counsel court crime custody damages defend "
     "defended denies deposition dispute draft evidence filing fined firm guilty hearing heir "
     "innocent judge jury law legal liability objection parole police prison protection "
     "regulation represent rights robbery sentence settlement statement sue suspect theft trial "
     "wills witness"},
    {"real-estate", 3,
     "apartment appraisal bathroom bedroom bungalow condominium condo conveyance duplex escrow "
     "estates "
     "flats foreclosure freehold furnished homebuyer homeowner housebuilder housing landlord "
     "lease leased leasehold leasing lets letting listing mortgagee penthouse property realtor "
     "realty refurbish refurbished rent rental sqft storey sublet subletted subletting "
     "subtenant surveyor tenancy tenant unfurnished vacancy viewings zoning"},
    {"real-estate", 1,
     "agent attic balcony basement bought brokered buyer cellar cottage damp deposit estate "
     "flat floor garage garden heating house kitchen loft mansion metres mortgage "
     "neighborhood neighbourhood neighbours parking plot relocation renovated renovation roof "
     "rooms seller signed sold sqm square studio viewing villa"},
    {"hospitality", 3,
     "baker banquet barista barmaid barman bartender bellhop bistro bnb bookings brasserie "
     "brunch buffet cafeteria campground camping campsite canteen cater catered caterer "
     "catering chambermaid checkin chef cocktail concierge cuisine diners doorman guesthouse "
     "hospitality hostel hotel housekeeper housekeeping innkeeper lodge minibar motel occupancy "
     "porter receptionist reservations resort restaurant sommelier sous tapas tavern tourism "
     "waiter waitress waitressing"},
    {"hospitality", 1,
     "bar beach booking breakfast cafe checkout coffee cook cooked cruise diner dining dinner "
     "dish double drinks event food guest guided holiday inn kitchen lobby luggage lunch maid "
     "meal menu pastry pool pub reception reservation room serve served service serving sheets "
     "spa stay suitcase suite table tasting tip tourist towel travel vacation valet vegan "
     "waiting wedding wine"},
    {"logistics", 3,
     "3pl airfreight cargo cargoes consignment containers containership courier deliveries "
     "dispatched dispatcher drayage fleets forklift forwarder freight freighter fulfillment "
     "fulfilment haulage hauled haulier hauls incoterms intermodal loader logistics "
     "longshoreman lorry mailman pallet parcels seafreight shipment shipped shipper "
     "shipping stevedore tachograph tonnage trucker trucking trucks unloaded unloading "
     "warehouse warehouseman warehousing"},
    {"logistics", 1,
     "postman border carrier container crate customs delay deliver delivered delivery depot diesel "
     "dispatch distribution dock driver export fleet fuel haul import inventory load loaded "
     "loading manifest mileage package packing parcel planes port postal railway route ship "
     "stock supply terminal tracking trailer transport transportation truck truckload van "
     "vessel wagon"},
    {"energy", 3,
     "barrels biogas biomass blackout coalmine decarbonization drilled electrician fracking "
     "gasoline geologist geothermal gigawatt heatpump hydrocarbon hydroelectric hydropower "
     "inverter kilowatt kwh lignite lng megawatt mw nuclear oilfield oilwell petrol petroleum "
     "photovoltaic pipelines powerline powerplant pylon reactor refinery renewable shale "
     "substation tidal transformer turbine uranium utilities volts wattage wellhead windmill"},
    {"energy", 1,
     "barrel battery blades boiler carbon cellars charging climate coal coast dam drill "
     "drilling electric electricity emission emit energy feed fuel gas generator grid heating "
     "hydro hydrogen insulating insulation leaks lines meter offshore oil outage panel pipeline "
     "plant power produce rig roofs solar storm supply thermal utility voltage watt wells wind"},
    {"agriculture", 3,
     "acres agrarian agricultural agriculture agronomist agronomy aquaculture barley barns "
     "beehive beekeeper cattle cherries cows crops dairy ewes farm farmer farming fertilise "
     "fertilised fertiliser fertilize fertilized fertilizer fishery fodder forestry fungicide "
     "grazed greenhouse harvested harvesting harvests hatchery hectare herbicide herds "
     "irrigated irrigates irrigation livestock maize milked milking pesticide plough ploughed "
     "plowed poultry seedlings sheepdog shepherd silage slurry sowing sown soybean sugarcane "
     "tillage tractor vines vineyard wheat winery"},
    {"agriculture", 1,
     "acre animals apple barn beet blossom breed breeding cabbage calf calves carrots cheese "
     "cherry combine corn cow crop cultivate drought eggs farms feed field frost fruit goats "
     "grain grapes graze grazing grow growing grown hail harvest hay hens herd horses lamb land "
     "lettuce manure meadow mildew milk oats olive onions orchard pasture pests pigs plant "
     "planting plow potatoes rain ranch rice rye seed shear shearing sheep soil sow spray "
     "spraying stable straw timber tomatoes vet weeds yield"},
};

}  // namespace

std::span<const IndustryLine> industry_lines() {
  return kIndustryLines;
}

}  // namespace scena::metrics
