#include "engine/money/bill.hpp"

#include <algorithm>
#include <utility>

#include "domain/usage_difference.hpp"
#include "engine/turn/usage_estimate.hpp"

namespace scena::engine {
namespace {

// Whether a request that failed went to the model that answered: it told the same name, or none,
// and was asked by the same.
bool is_same_model(const OtherUse& use, const std::string& model, const ReplyStart& start,
                   const std::string& asked) {
  if (use.provider != start.provider) return false;
  const bool knows_asked = start.fallback_for.empty() || !start.asked_model.empty();
  return model == start.model || (model == asked && knows_asked);
}

}  // namespace

const std::string& asked_model(const ReplyStart& start, const std::string& asked) noexcept {
  return start.asked_model.empty() ? asked : start.asked_model;
}

BillPart own_part(BillPart whole, const std::vector<BillPart>& others) {
  for (const BillPart& other : others) {
    whole.usage = usage_without(whole.usage, other.usage);
    whole.cost -= other.cost;
  }
  return whole;
}

void Bill::add(const ReplyStart& start, const std::string& asked, const Usage& whole,
               const std::vector<OtherUse>& others, const Pricing& price) {
  const std::string& asked_last = asked_model(start, asked);
  usage_ += whole;
  Usage own = whole;
  for (const OtherUse& use : others) {
    // An attempt that failed before it told of itself is known by what was asked for.
    const std::string& model = use.model.empty() ? asked : use.model;
    if (is_same_model(use, model, start, asked_last)) continue;
    const Usage usage = usage_of(use.usage);
    own = usage_without(own, usage);
    const std::string& by = use.asked_model.empty() ? asked : use.asked_model;
    add({use.provider, model, usage, price(model, by, usage), by});
  }
  const bool is_all_others =
      own != whole && own.input_tokens == 0 && own.output_tokens == 0;  // this one did not count
  add({start.provider, start.model, own,
       is_all_others ? Money{} : price(start.model, asked_last, own), asked_last});
}

void Bill::add(BillPart part) {
  cost_ += part.cost;
  const auto known = std::find_if(parts_.begin(), parts_.end(), [&part](const BillPart& one) {
    return one.provider == part.provider && one.model == part.model;
  });
  if (known == parts_.end()) return parts_.push_back(std::move(part));
  known->usage += part.usage;
  known->cost += part.cost;
}

std::vector<BillPart> Bill::others(const std::string& provider, const std::string& model) const {
  std::vector<BillPart> others;
  for (const BillPart& part : parts_) {
    if (part.provider == provider && part.model == model) continue;
    if (part.usage == Usage{} && part.cost == Money{}) continue;
    others.push_back(part);
  }
  return others;
}

}  // namespace scena::engine
