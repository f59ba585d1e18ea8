#pragma once

#include <map>
#include <scena/analysis.hpp>
#include <scena/message.hpp>
#include <string>
#include <vector>

namespace scena {

/// Adds up how far opinions agree with measured scores, message by message. Takes a fixed amount of
/// memory a metric, however many messages there are.
class AgreementTally {
 public:
  /// Takes every metric of the message that has both.
  void add(const Message& message);
  /// In order of names.
  std::vector<MetricAgreement> result() const;

 private:
  struct Metric {
    std::uint64_t messages = 0;
    double differences = 0;
    double mean_measured = 0, mean_judged = 0;  // running, so that large counts lose nothing
    double squares_measured = 0, squares_judged = 0, products = 0;
    std::uint64_t labelled = 0, same = 0;
    std::map<std::string, std::uint64_t> measured, judged;  // by label

    void add(const MetricScore& score, const JudgedScore& opinion);
    MetricAgreement result(const std::string& name) const;
  };

  std::map<std::string, Metric> metrics_;
};

}  // namespace scena
