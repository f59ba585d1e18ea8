#pragma once

#include <functional>
#include <scena/ext/provider.hpp>
#include <scena/usage.hpp>
#include <string>
#include <vector>

namespace scena::engine {

/// What one model used of a call, and what that costs.
struct BillPart {
  std::string provider;
  std::string model;
  Usage usage;
  Money cost;
  std::string asked = {};  ///< The model that was asked for, where known.
  bool operator==(const BillPart&) const = default;
};

/// The model that the one who answers was asked for, `asked` where that is the request's.
const std::string& asked_model(const ReplyStart& start, const std::string& asked) noexcept;

/// What of `whole` is left for its own model when the others' parts are taken out.
BillPart own_part(BillPart whole, const std::vector<BillPart>& others);

/// What a call used and cost, each part at the price of the model that used it: a reply may come
/// of several, where one failed after it had counted, or where tools led to another request.
class Bill {
 public:
  /// What `usage` of the model `served` costs, that was asked for as `asked`.
  using Pricing =
      std::function<Money(const std::string& served, const std::string& asked, const Usage& usage)>;

  /// Adds one reply: `whole` was used for it, `others` of that by requests that may have gone to
  /// other models than the one of `start`.
  void add(const ReplyStart& start, const std::string& asked, const Usage& whole,
           const std::vector<OtherUse>& others, const Pricing& price);

  const Usage& usage() const noexcept { return usage_; }
  Money cost() const noexcept { return cost_; }
  /// Of that, what other models used than this one.
  std::vector<BillPart> others(const std::string& provider, const std::string& model) const;

 private:
  void add(BillPart part);

  Usage usage_;
  Money cost_;
  std::vector<BillPart> parts_;  // one for each model
};

}  // namespace scena::engine
