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
    "job position role post occupation career employment vacancy profession work",
    "salary wage pay income compensation remuneration earn paycheck earnings",
    "drug medication medicine pill tablet prescription dose aspirin insulin antibiotic painkiller",
    "fever temperature thermometer feverish degree chill",
    "pain hurt ache sore painful",
    "ill sick illness disease unwell symptom diagnosis",
    "leave quit resign departure fired dismiss resignation",
    "manager boss supervisor superior",
    "manage lead leadership team report supervise direct",
    "price cost expensive cheap fee rate charge",
    "child kid son daughter baby parent",
    "wife husband spouse married partner marriage",
    "car vehicle truck automobile van",
    "company firm business employer organisation organization corporation",
    "house home flat apartment place live residence",
    "rent lease landlord tenant",
    "police officer detective cop",
    "kill murder death die dead",
    "weapon gun knife pistol shoot",
    "steal theft rob robbery thief stolen",
    "tool software program application spreadsheet app excel",
    "computer laptop pc machine",
    "website page site web",
    "error bug fault failure mistake crash",
    "slow delay late lag wait",
    "delivery deliver arrive ship shipment parcel package",
    "customer client buyer guest",
    "tax taxes levy revenue",
    "law bill legislation rule regulation",
    "vote election ballot elect voter",
    "money cash fund budget spend dollar",
    "contract agreement deal expire signature sign",
    "school university college study degree education graduate",
    "strength strong skill talent",
    "weakness weak flaw fault shortcoming",
    "stress pressure stressful burnout calm",
    "drink alcohol beer wine drunk",
    "smoke cigarette tobacco",
    "eat food meal hungry breakfast lunch dinner",
    "sleep asleep bed insomnia awake",
    "friend buddy mate acquaintance",
    "attract appeal interest want like motivate",
    "reason cause motive purpose explain",
    "hour schedule time shift day",
    "lie truth honest lying true",
    "problem trouble difficulty issue challenge",
    "camera photo picture lens",
    "phone mobile call smartphone",
    "heating warm heat boiler radiator",
    "war troops army soldier military",
    "doctor physician hospital clinic surgery surgeon",
    "goal aim ambition plan future",
    "hobby weekend leisure fun",
    "allergy allergic react reaction",
    "password login account access",
    "refund return exchange voucher",
    "stock available inventory sold",
    "guarantee warranty warrant",
    "experience year background expertise",
    "hire recruit employ candidate",
};
static_assert(std::size(kThemes) <= 64);

struct Theme {
  std::uint32_t stem = 0;
  std::uint64_t bits = 0;
};

// In the order of the stems.
std::vector<Theme> themes() {
  std::vector<Theme> all;
  std::uint64_t bit = 1;
  for (std::string_view words : kThemes) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      all.push_back({stem_hash(HashedWord(words.substr(0, end))), bit});
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    bit <<= 1;
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

  std::uint64_t find(std::uint32_t stem) const noexcept {
    std::uint64_t bits = 0;
    std::size_t at = first_[stem >> kShift];
    if (at == 0) return 0;
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

std::uint64_t concepts_of(std::uint32_t stem) noexcept {
  return known_themes().find(stem);
}

}  // namespace scena::metrics
