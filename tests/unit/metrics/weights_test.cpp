#include "metrics/learned/weights.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "metrics/measurement.hpp"
#include "metrics/words/hashed_word.hpp"

using namespace scena;
using namespace scena::metrics;

namespace {

// A file of weights, put together by hand.
struct WeightsFile {
  std::string bytes = "SCMW";

  template <class T>
  WeightsFile& put(T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  WeightsFile& head(std::uint32_t version, std::uint32_t sections) {
    return put(version).put(sections);
  }
  WeightsFile& section(std::string name, std::uint32_t kind, const std::string& content) {
    name.resize(16);
    bytes += name;
    put(kind).put(static_cast<std::uint32_t>(content.size()));
    bytes += content;
    return *this;
  }
  Result<Weights> read() const { return Weights::read(std::as_bytes(std::span(bytes))); }
};

// Two slots and one head: the first slot weighs 3, the second -5; one number weighs 2.
std::string small_model() {
  WeightsFile file;
  file.bytes.clear();
  file.put(std::uint8_t{1}).put(std::uint8_t{1}).put(std::uint16_t{1});
  file.put(0.25f).put(0.5f).put(2.0f).put(std::int8_t{3}).put(std::int8_t{-5});
  return file.bytes;
}

}  // namespace

TEST_CASE("a linear model adds its bias, its hashed weights and its numbers") {
  WeightsFile file;
  file.head(1, 1).section("planted", 1, small_model());
  const auto weights = file.read();
  REQUIRE(weights);
  const LinearModel* model = weights->model("planted");
  REQUIRE(model != nullptr);
  CHECK(weights->model("other") == nullptr);
  std::uint32_t first = 1, second = 1;
  while (model->weight(0, first) != 3) ++first;
  while (model->weight(0, second) != -5) ++second;
  const double numbers[] = {0.125};
  CHECK(model->score(0, LinearModel::Sums{}, {}) == 0.25);
  CHECK(model->score(0, LinearModel::Sums{}, numbers) == 0.5);
  LinearModel::Sums sums;
  model->add(first, sums);
  CHECK(model->score(0, sums, {}) == 0.25 + 0.5 * 3);
  for (const std::uint32_t feature : {second, first, first}) model->add(feature, sums);
  CHECK(model->score(0, sums, {}) == 0.25 + 0.5 * 4 / 2);
  // More numbers than it was trained with change nothing.
  const double more[] = {0.125, 7};
  CHECK(model->score(0, LinearModel::Sums{}, more) == 0.5);
}

TEST_CASE("words with polarities are read in rising order only") {
  WeightsFile list;
  list.bytes.clear();
  list.put(std::uint32_t{2}).put(7u).put(9u).put(std::int8_t{50}).put(std::int8_t{-70});
  WeightsFile file;
  file.head(1, 1).section("polarity", 2, list.bytes);
  const auto weights = file.read();
  REQUIRE(weights);
  REQUIRE(weights->words().size() == 2);
  CHECK(weights->words()[1].word == 9);
  CHECK(weights->words()[1].polarity == -70);
  WeightsFile fallen;
  std::swap(list.bytes[4], list.bytes[8]);
  fallen.head(1, 1).section("polarity", 2, list.bytes);
  REQUIRE_FALSE(fallen.read());
  CHECK(std::string(fallen.read().error().what()).find("\"polarity\"") != std::string::npos);
}

TEST_CASE("relations of words are found by stem, and their sets and members stay in range") {
  const auto file_of = [](std::uint32_t last_stem, std::uint16_t set, std::uint16_t member) {
    WeightsFile list;
    list.bytes.clear();
    list.put(std::uint32_t{3}).put(std::uint16_t{2}).put(std::uint16_t{3});
    list.put(7u).put(7u).put(last_stem);
    list.put(std::uint16_t{1}).put(std::uint16_t{3}).put(set);
    list.put(std::uint16_t{0}).put(std::uint16_t{5}).put(member);
    WeightsFile file;
    file.head(1, 1).section("relations", 3, list.bytes);
    return file;
  };
  const auto weights = file_of(0xFFFFFFFFu, 2, 9).read();
  REQUIRE(weights);
  const WordRelations& relations = weights->relations();
  REQUIRE(relations.find(7).size() == 2);
  CHECK(relations.find(7)[1].set == 3);
  CHECK(relations.find(7)[1].member == 5);
  REQUIRE(relations.find(0xFFFFFFFFu).size() == 1);
  CHECK(relations.find(8).empty());
  CHECK(relations.kind(1) == RelationKind::opposite);
  CHECK(relations.kind(2) == RelationKind::kind);
  CHECK(relations.kind(3) == RelationKind::synonym);
  CHECK(WordRelations().find(7).empty());
  for (const auto& bad : {file_of(6, 2, 9), file_of(8, 0x3F00, 9), file_of(8, 2, 4096)}) {
    REQUIRE_FALSE(bad.read());
    CHECK(std::string(bad.read().error().what()).find("\"relations\"") != std::string::npos);
  }
}

TEST_CASE("vectors of words are found by stem, add up, and point where their texts do") {
  const auto file_of = [](std::uint16_t dims, std::uint32_t last_stem, std::size_t numbers) {
    WeightsFile list;
    list.bytes.clear();
    list.put(std::uint32_t{2}).put(dims).put(std::uint16_t{0}).put(7u).put(last_stem);
    for (std::size_t i = 0; i < numbers; ++i)
      list.put(static_cast<std::int8_t>(i == 0 ? 3 : i == WordVectors::kDims + 1 ? -4 : 0));
    WeightsFile file;
    file.head(1, 1).section("vectors", 4, list.bytes);
    return file;
  };
  constexpr auto kDims = static_cast<std::uint16_t>(WordVectors::kDims);
  const auto file = file_of(kDims, 9, 2 * kDims);
  const auto weights = file.read();
  REQUIRE(weights);
  const WordVectors& vectors = weights->vectors();
  CHECK(vectors.place_of(8) == 0);
  CHECK(vectors.place_of(10) == 0);
  CHECK(WordVectors().place_of(7) == 0);
  AboutSum first{}, second{}, both{}, none{};
  vectors.add(vectors.place_of(7), first);
  vectors.add(vectors.place_of(9), second);
  vectors.add(0, none);
  for (const std::uint32_t stem : {7u, 9u}) vectors.add(vectors.place_of(stem), both);
  CHECK(first[0] == 3);
  CHECK(second[1] == -4);
  CHECK(both == AboutSum{3, -4});
  CHECK(likeness(first, first) == 1);
  CHECK(likeness(first, second) == 0);
  CHECK(likeness(first, none) == 0);
  CHECK(likeness(both, first) == doctest::Approx(0.6));
  CHECK(likeness(both, second) == doctest::Approx(0.8));
  for (const auto& bad : {file_of(kDims - 1, 9, 2 * kDims), file_of(kDims, 7, 2 * kDims),
                          file_of(kDims, 9, 2 * kDims - 1), file_of(kDims, 9, 2 * kDims + 1)}) {
    REQUIRE_FALSE(bad.read());
    CHECK(std::string(bad.read().error().what()).find("\"vectors\"") != std::string::npos);
  }
}

TEST_CASE("a file of weights that is cut or bent is refused") {
  WeightsFile file;
  file.head(1, 1).section("planted", 1, small_model());
  REQUIRE(file.read());
  for (std::size_t size = 0; size < file.bytes.size(); ++size) {
    WeightsFile cut;
    cut.bytes = file.bytes.substr(0, size);
    CHECK_FALSE(cut.read());
  }
  WeightsFile longer = file;
  longer.bytes += '\0';
  CHECK_FALSE(longer.read());
  WeightsFile version;
  CHECK_FALSE(version.head(2, 0).read());
  WeightsFile kind;
  CHECK_FALSE(kind.head(1, 1).section("planted", 5, small_model()).read());
  WeightsFile wide;
  std::string bits = small_model();
  bits[0] = 31;
  CHECK_FALSE(wide.head(1, 1).section("planted", 1, bits).read());
  WeightsFile endless;
  std::string nan = small_model();
  const float not_a_number = std::nanf("");
  std::memcpy(nan.data() + 4, &not_a_number, 4);
  CHECK_FALSE(endless.head(1, 1).section("planted", 1, nan).read());
}

TEST_CASE("the logistic function is that of the library, and symmetric") {
  for (double x = -30; x <= 30; x += 0.37) {
    CHECK(logistic(x) == doctest::Approx(1 / (1 + std::exp(-x))).epsilon(1e-9));
    CHECK(logistic(x) + logistic(-x) == doctest::Approx(1));
  }
  CHECK(logistic(1e300) == doctest::Approx(1));
  CHECK(logistic(-1e300) >= 0);
}

TEST_CASE("the weights that are compiled in can be read") {
  const auto file = builtin_weights_file();
  if (file.empty()) return;
  CHECK(file.size() < 2'000'000);
  const auto weights = Weights::read(file);
  REQUIRE_MESSAGE(weights, weights.error().what());
}

TEST_CASE("without weights the rules still answer") {
  BuiltinSession session(std::make_shared<const Knowledge>(Weights()),
                         std::make_shared<ReadingMemories>(), kAllMetrics);
  const auto measurement = session.begin({.id = "m1", .speaker = "a"});
  measurement->add("You are a pathetic fool, and I will destroy you. What a wonderful day!");
  std::vector<MetricScore> scores;
  measurement->scores(scores);
  const auto value = [&scores](std::string_view metric) -> std::optional<double> {
    for (const auto& score : scores)
      if (score.metric == metric) return score.value;
    return std::nullopt;
  };
  CHECK(value("toxicity") == 0.85);
  CHECK(value("sentiment").has_value());
  CHECK_FALSE(value("sophistication").has_value());
}

TEST_CASE("the engines of a process share one reading of the built-in tables") {
  CHECK(Knowledge::builtin() == Knowledge::builtin());
}

TEST_CASE(
    "evasiveness is the rules' and what was learned, and a phrase that speaks for itself stands") {
  if (builtin_weights_file().empty()) return;
  const auto evasiveness = [](std::shared_ptr<const Knowledge> knowledge, std::string_view question,
                              std::string_view text) {
    BuiltinSession session(std::move(knowledge), std::make_shared<ReadingMemories>(), kEvasiveness);
    auto asked = session.begin({.id = "m1", .speaker = "a"});
    asked->add(question);
    session.keep(std::move(asked));
    const auto measurement = session.begin({.id = "m2", .speaker = "b"});
    measurement->add(text);
    std::vector<MetricScore> scores;
    measurement->scores(scores);
    return scores.at(0).value;
  };
  const auto rules = std::make_shared<const Knowledge>(Weights());
  const auto both = Knowledge::builtin();
  const char* plain[] = {"Do you have any pets?", "I have two cats."};
  CHECK(evasiveness(both, plain[0], plain[1]) < 0.6 * evasiveness(rules, plain[0], plain[1]));
  const char* refused[] = {"How much did you earn?", "I'm sorry, but I can't help with that."};
  CHECK(evasiveness(both, refused[0], refused[1]) >= 0.8);
  // What was learned alone would not say so.
  const char* odd[] = {"Where is it?", "Xylophones, zithers, but no comment."};
  CHECK(evasiveness(both, odd[0], odd[1]) >= 0.88 * evasiveness(rules, odd[0], odd[1]));
}

TEST_CASE("words of the weights add to the lexicon, and do not change what it knows") {
  const WordPolarity learned[] = {{hash_word("flumptious"), 70}, {hash_word("good"), -90}};
  const Lexicon with(learned), without;
  CHECK(without.find(HashedWord("flumptious")) == nullptr);
  REQUIRE(with.find(HashedWord("flumptious")) != nullptr);
  CHECK(with.find(HashedWord("flumptious"))->polarity == 70);
  CHECK(with.find(HashedWord("good"))->polarity == without.find(HashedWord("good"))->polarity);
}
