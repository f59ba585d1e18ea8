#include <algorithm>
#include <cmath>
#include <scena/vector_index.hpp>

namespace scena {
namespace {

// Four sums at once; in double, so that the order of close scores is that of the exact ones.
double product(const float* a, const float* b, std::size_t count) noexcept {
  double sums[4] = {0, 0, 0, 0};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  }
  for (; i < count; ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <class T>
void make_room(std::vector<T>& values, std::size_t more) {
  if (values.capacity() - values.size() < more)
    values.reserve(std::max(values.size() + more, values.capacity() * 2));
}

}  // namespace

Result<double> VectorIndex::length_of(std::span<const float> vector) const {
  if (dimensions_ == 0 || dimensions_ > kMaxDimensions) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "vector index: the number of dimensions must be from 1 to 65536");
  }
  if (vector.size() != dimensions_) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "vector index: the vector has another number of dimensions than the index");
  }
  const double square = product(vector.data(), vector.data(), vector.size());
  if (!std::isfinite(square)) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "vector index: the vector holds a value that is not finite");
  }
  if (square == 0) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "vector index: a vector of zeros has no direction to compare");
  }
  return std::sqrt(square);
}

Result<void> VectorIndex::add(std::string_view id, std::span<const float> vector) {
  const auto length = length_of(vector);
  if (!length) return length.error();
  if (id.empty())
    return Error::fixed(ErrorCode::invalid_argument, "vector index: the id is empty");
  if (const auto found = places_.find(id); found != places_.end()) {
    std::copy(vector.begin(), vector.end(), block_.data() + found->second * dimensions_);
    lengths_[found->second] = *length;
    return {};
  }
  if (ids_.size() >= max_vectors_) {
    return Error::fixed(ErrorCode::limit_reached,
                        "vector index: it is full; remove vectors or raise max_vectors");
  }
  // Room first: when memory fails, nothing has changed.
  make_room(block_, dimensions_);
  make_room(lengths_, 1);
  ids_.emplace_back(id);
  try {
    places_.emplace(id, ids_.size() - 1);
  } catch (...) {
    ids_.pop_back();
    throw;
  }
  block_.insert(block_.end(), vector.begin(), vector.end());
  lengths_.push_back(*length);
  return {};
}

bool VectorIndex::remove(std::string_view id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return false;
  const std::size_t place = found->second;
  const std::size_t last = ids_.size() - 1;
  places_.erase(found);
  if (place != last) {
    std::copy_n(block_.data() + last * dimensions_, dimensions_,
                block_.data() + place * dimensions_);
    lengths_[place] = lengths_[last];
    ids_[place] = std::move(ids_[last]);
    places_.find(ids_[place])->second = place;
  }
  block_.resize(last * dimensions_);
  lengths_.pop_back();
  ids_.pop_back();
  return true;
}

Result<std::vector<VectorMatch>> VectorIndex::top_k(std::span<const float> query,
                                                    std::size_t k) const {
  const auto length = length_of(query);
  if (!length) return length.error();
  struct Candidate {
    double score;
    std::size_t place;
  };
  const auto better = [this](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : ids_[a.place] < ids_[b.place];
  };
  std::vector<Candidate> best;  // a heap with the worst of them in front
  best.reserve(std::min(k, ids_.size()));
  for (std::size_t place = 0; place < ids_.size() && k > 0; ++place) {
    const double dot = product(query.data(), block_.data() + place * dimensions_, dimensions_);
    const Candidate candidate{dot / (*length * lengths_[place]), place};
    if (best.size() == k) {
      if (!better(candidate, best.front())) continue;
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
    best.push_back(candidate);
    std::push_heap(best.begin(), best.end(), better);
  }
  std::sort_heap(best.begin(), best.end(), better);
  std::vector<VectorMatch> matches;
  matches.reserve(best.size());
  for (const auto& [score, place] : best) matches.push_back({ids_[place], score});
  return matches;
}

}  // namespace scena
