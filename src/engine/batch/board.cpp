#include "engine/batch/board.hpp"

#include <utility>

namespace scena::engine {

BatchBoard::BatchBoard(std::vector<std::size_t> waiting, std::optional<Money> limit,
                       Money reservation, Money spent)
    : waiting_(std::move(waiting)), limit_(limit), reservation_(reservation), spent_(spent) {}

BatchBoard::Next BatchBoard::next() const noexcept {
  if (started_ == waiting_.size()) return Next::none;
  if (!limit_ || spent_ + reserved_ + reservation_ <= *limit_) return Next::run;
  return running_ == 0 ? Next::money : Next::wait;
}

std::size_t BatchBoard::start() {
  ++running_;
  reserved_ += reservation_;
  return waiting_[started_++];
}

void BatchBoard::settle(Money cost) noexcept {
  --running_;
  reserved_ -= reservation_;
  spent_ += cost;
}

}  // namespace scena::engine
