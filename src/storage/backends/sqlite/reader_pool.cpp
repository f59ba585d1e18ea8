#include "storage/backends/sqlite/reader_pool.hpp"

namespace scena::sqlite {

std::unique_ptr<Connection> ReaderPool::take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return left_ > 0 || !free_.empty(); });
    if (!free_.empty()) {
      auto connection = std::move(free_.back());
      free_.pop_back();
      return connection;
    }
    free_.reserve(free_.capacity() + 1);  // so that giving it back cannot fail
    --left_;
  }
  try {
    return factory_();
  } catch (...) {
    std::lock_guard lock(mutex_);
    ++left_;
    returned_.notify_one();
    throw;
  }
}

void ReaderPool::put(std::unique_ptr<Connection> connection) noexcept {
  std::lock_guard lock(mutex_);
  free_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace scena::sqlite
