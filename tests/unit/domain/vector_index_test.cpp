#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <scena/vector_index.hpp>

using namespace scena;

namespace {

using Vector = std::vector<float>;

Vector random_vector(std::mt19937& random, std::size_t dimensions) {
  std::uniform_real_distribution<float> values(-1, 1);
  Vector vector(dimensions);
  for (float& value : vector) value = values(random);
  return vector;
}

double naive_cosine(const Vector& a, const Vector& b) {
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return dot / (std::sqrt(aa) * std::sqrt(bb));
}

std::vector<std::string> naive_ids(const std::vector<std::pair<std::string, Vector>>& all,
                                   const Vector& query, std::size_t k) {
  std::vector<std::pair<double, std::string>> scores;
  for (const auto& [id, vector] : all) scores.emplace_back(-naive_cosine(vector, query), id);
  std::sort(scores.begin(), scores.end());
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(k, scores.size()); ++i) ids.push_back(scores[i].second);
  return ids;
}

std::vector<std::string> ids_of(const VectorIndex& index, const Vector& query, std::size_t k) {
  const auto found = index.top_k(query, k);
  REQUIRE(found);
  std::vector<std::string> ids;
  for (const auto& match : *found) ids.push_back(match.id);
  return ids;
}

ErrorCode code_of(const Result<void>& result) {
  return result ? ErrorCode::ok : result.error().code();
}

}  // namespace

TEST_CASE("the nearest of 100,000 vectors are those that a double loop finds") {
  constexpr std::size_t kDimensions = 24;
  std::mt19937 random(20261127);
  VectorIndex index(kDimensions, 100'000);
  std::vector<std::pair<std::string, Vector>> all;
  for (int i = 0; i < 100'000; ++i) {
    all.emplace_back("v" + std::to_string(i), random_vector(random, kDimensions));
    REQUIRE(index.add(all.back().first, all.back().second));
  }
  CHECK(index.size() == 100'000);
  CHECK(code_of(index.add("one more", all[0].second)) == ErrorCode::limit_reached);
  for (int round = 0; round < 3; ++round) {
    const Vector query = random_vector(random, kDimensions);
    CHECK(ids_of(index, query, 50) == naive_ids(all, query, 50));
  }
}

TEST_CASE("adding, replacing and removing in any order leaves what a plain list has") {
  constexpr std::size_t kDimensions = 7;
  std::mt19937 random(7);
  VectorIndex index(kDimensions);
  std::vector<std::pair<std::string, Vector>> all;
  for (int step = 0; step < 2'000; ++step) {
    const std::string id = std::to_string(random() % 60);
    const auto known = std::find_if(all.begin(), all.end(), [&](auto& e) { return e.first == id; });
    if (random() % 3 == 0) {
      CHECK(index.remove(id) == (known != all.end()));
      if (known != all.end()) all.erase(known);
    } else {
      const Vector vector = random_vector(random, kDimensions);
      REQUIRE(index.add(id, vector));
      if (known == all.end()) {
        all.emplace_back(id, vector);
      } else {
        known->second = vector;
      }
    }
    const Vector query = random_vector(random, kDimensions);
    REQUIRE(index.size() == all.size());
    REQUIRE(ids_of(index, query, 5) == naive_ids(all, query, 5));
  }
}

TEST_CASE("equal scores are ordered by id, and length does not count") {
  VectorIndex index(2);
  for (const char* id : {"d", "b", "c", "a"}) {
    const float scale = id[0] == 'c' ? 4.0f : 1.0f;
    REQUIRE(index.add(id, Vector{scale, scale}));
  }
  REQUIRE(index.add("e", Vector{-1, 0}));
  CHECK(ids_of(index, {2, 2}, 3) == std::vector<std::string>{"a", "b", "c"});
  CHECK(ids_of(index, {2, 2}, 9) == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(ids_of(index, {2, 2}, 0).empty());
  CHECK(index.top_k(Vector{3, 3}, 1)->at(0).score == doctest::Approx(1));
}

TEST_CASE("vectors that cannot be compared are refused and change nothing") {
  VectorIndex index(3);
  REQUIRE(index.add("a", Vector{1, 2, 3}));
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Vector& bad : {Vector{1, 2}, Vector{1, 2, 3, 4}, Vector{}, Vector{0, 0, 0},
                            Vector{1, kNan, 0}, Vector{1, kInfinity, 0}}) {
    CHECK(code_of(index.add("b", bad)) == ErrorCode::invalid_argument);
    CHECK_FALSE(index.top_k(bad, 1));
  }
  CHECK(code_of(index.add("", Vector{1, 2, 3})) == ErrorCode::invalid_argument);
  CHECK(code_of(VectorIndex(0).add("a", Vector{})) == ErrorCode::invalid_argument);
  CHECK(index.size() == 1);
  CHECK_FALSE(index.remove("b"));
}
