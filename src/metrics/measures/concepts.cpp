#include "metrics/measures/concepts.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/lasting.hpp"
#include "metrics/words/hashed_word.hpp"
#include "metrics/words/stem.hpp"

namespace scena::metrics {
namespace {

// Each entry is a theme; words of one theme are asked for one another.
constexpr std::string_view kThemes[] = {
    "job position role post occupation career employment vacancy profession work apply application "
    "join unemployment unemployed",
    "salary wage pay income compensation remuneration earn paycheck earnings money",
    "drug medication medicine pill tablet prescription dose aspirin insulin antibiotic painkiller",
    "fever temperature thermometer feverish degree chill",
    "pain hurt ache sore painful",
    "ill sick illness disease unwell symptom diagnosis",
    "leave quit resign departure fired dismiss resignation",
    "manager boss supervisor superior",
    "manage lead leadership team report supervise direct",
    "price cost expensive cheap fee rate charge quote worth value euro pound ask discount "
    "pay",
    "child kid son daughter baby parent family",
    "wife husband spouse married partner marriage",
    "car vehicle truck automobile van",
    "company firm business employer organisation organization corporation",
    "house home flat apartment place live residence housing bedroom",
    "rent lease landlord tenant",
    "police officer detective cop",
    "kill murder death die dead body corpse victim",
    "weapon gun knife pistol shoot",
    "steal theft rob robbery thief stolen burglary burglar crime",
    "tool software program application spreadsheet app excel",
    "computer laptop pc machine windows linux mac system operate",
    "website page site web",
    "error bug fault failure mistake crash",
    "slow delay late lag wait",
    "delivery deliver arrive ship shipment parcel package transport freight haulage dispatch",
    "customer client buyer guest",
    "tax taxes levy revenue",
    "law bill legislation rule regulation",
    "vote election ballot elect voter party coalition candidate campaign",
    "money cash fund budget spend dollar",
    "contract agreement deal expire signature sign term clause run",
    "school university college study degree education graduate student pupil teacher class course "
    "exam lecture",
    "strength strong skill talent",
    "weakness weak flaw fault shortcoming",
    "stress pressure stressful burnout calm",
    "drink alcohol beer wine drunk",
    "smoke cigarette tobacco",
    "eat food meal hungry breakfast lunch dinner",
    "sleep asleep bed insomnia awake",
    "friend buddy mate acquaintance",
    "attract appeal interest want like motivate",
    "reason cause motive purpose explain why because",
    "hour schedule time shift day",
    "lie truth honest lying true",
    "problem trouble difficulty issue challenge dislike complaint annoy",
    "camera photo picture lens",
    "phone mobile call smartphone battery",
    "heating warm heat boiler radiator",
    "war troops army soldier military",
    "doctor physician hospital clinic surgery surgeon nurse ward patient",
    "goal aim ambition plan future long-term career ideally",
    "hobby weekend leisure fun music book film read free",
    "allergy allergic react reaction",
    "password login account access",
    "refund return exchange voucher money",
    "stock available inventory sold",
    "guarantee warranty warrant",
    "experience year background expertise before",
    "hire recruit employ candidate",
    "team staff employee headcount colleague department crew workforce worker people",
    "often regularly frequent usually daily weekly twice rarely sometimes",
    "exercise workout gym run running sport training fitness jog swim",
    "conflict argue argument dispute quarrel disagree disagreement tension clash row",
    "enter entrance door window gate key lock break cellar",
    "furnish furniture kitchen wardrobe sofa bed table chair",
    "garden yard square metre size area large big acre",
    "travel trip flight train plane journey commute abroad relocate move",
    "train railway rail bus tram transport fare ticket station",
    "street road bridge traffic lane route",
    "village town city north south east west country region born raise grow childhood",
    "insurance insure cover policy claim premium damage theft flood",
    "repair fix broken break brake engine mechanic garage",
    "data file format export import spreadsheet csv database sql backup",
    "network internet wifi router connection cable signal online broadband",
    "security privacy breach hack firewall encryption virus",
    "update version release upgrade install setup implement migrate",
    "screen display keyboard battery charger monitor printer ink",
    "order purchase buy invoice receipt bill payment pay charge card",
    "discount reduction rebate offer deal cheaper promotion half bulk quantity percent",
    "witness see saw notice observe discover find found",
    "fight punch hit brawl attack assault beat hurt",
    "arrest prison jail custody court judge trial sentence",
    "evening night home cinema bar pub party alibi whereabouts time crime burglary",
    "say tell told talk speak mention word message conversation call",
    "meet met know acquaintance encounter introduce stranger friend",
    "effect dizzy nausea rash itch dry vomit tired unwanted",
    "cough cold flu throat nose breath breathe lung",
    "heart chest blood pressure pulse cholesterol",
    "stomach belly bowel nausea vomit abdominal",
    "head headache migraine dizzy vision",
    "weight diet fat kilo calorie",
    "mood depress depressed anxiety anxious sad hopeless worry fear afraid",
    "operation surgery anaesthetic scar procedure operate",
    "test scan xray result sample biopsy",
    "merger merge acquisition takeover combine",
    "support favour against oppose agree approve back",
    "economy growth inflation unemployment economic",
    "climate energy carbon emission coal nuclear wind solar power",
    "immigration border refugee asylum migrant immigrant",
    "debt loan borrow credit mortgage interest bank",
    "quality material standard reliable defect",
    "partner supplier vendor provider competitor rival alternative",
    "feature function capability integrate integration",
    "trial demo pilot try",
    "meeting appointment slot calendar visit available",
    "colour red blue green black white grey yellow brown",
    "wear clothes clothing coat jacket shirt shoe trouser jeans hoodie hat dress",
    "hair beard eye face tall look appearance tattoo",
    "night shift nights late overtime weekend",
    "remote home office telework onsite",
    "proud achievement success accomplish award achieve",
    "fail failure mistake wrong regret lesson",
    "learn train course certificate qualification study",
    "brother sister mother father uncle aunt cousin parent relative family",
    "dog cat pet animal",
    "holiday vacation beach hotel trip break",
    "letter email mail write send document attach paper",
    "age old young birthday born",
    "language english french spanish german fluent",
    "handle deal manage solve approach cope resolve",
    "choose choice pick prefer decide decision select",
    "error message text screen display appear code",
    "restart reboot reset power turn switch unplug plug",
    "licence license user seat subscription",
    "need require search product kind model",
};
static_assert(std::size(kThemes) <= ThemeBits::kMost);

struct Theme {
  std::uint32_t stem = 0;
  ThemeBits bits;
};

// In the order of the stems.
std::vector<Theme> themes() {
  std::vector<Theme> all;
  for (std::size_t theme = 0; theme < std::size(kThemes); ++theme) {
    std::string_view words = kThemes[theme];
    ThemeBits bits;
    bits.add(theme);
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      all.push_back({stem_hash(HashedWord(words.substr(0, end))), bits});
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  std::sort(all.begin(), all.end(), [](const Theme& a, const Theme& b) { return a.stem < b.stem; });
  return all;
}

// Slots by the first bits of a stem: most words find theirs empty.
class Themes {
 public:
  Themes() : all_(themes()) {
    for (std::size_t i = all_.size(); i-- > 0;) {
      first_[all_[i].stem >> kShift] = static_cast<std::uint16_t>(i + 1);
    }
  }

  ThemeBits find(std::uint32_t stem) const noexcept {
    ThemeBits bits;
    std::size_t at = first_[stem >> kShift];
    if (at == 0) return bits;
    for (--at; at < all_.size() && all_[at].stem <= stem; ++at) {
      if (all_[at].stem == stem) bits |= all_[at].bits;
    }
    return bits;
  }

 private:
  static constexpr unsigned kShift = 22;
  std::vector<Theme> all_;
  std::array<std::uint16_t, 1u << (32 - kShift)> first_{};
};

const Themes& known_themes() {
  static const Lasting<Themes> known;
  return known.get();
}

}  // namespace

void make_concepts() {
  (void)known_themes();
}

ThemeBits concepts_of(std::uint32_t stem) noexcept {
  return known_themes().find(stem);
}

}  // namespace scena::metrics
