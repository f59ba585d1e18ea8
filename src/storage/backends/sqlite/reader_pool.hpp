#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/backends/sqlite/connection.hpp"

namespace scena::sqlite {

/// A bounded set of connections for reading, made when needed. A caller that finds all in use
/// waits. Threading: any thread.
class ReaderPool {
 public:
  using Factory = std::function<std::unique_ptr<Connection>()>;

  ReaderPool(std::size_t size, Factory factory)
      : left_(size == 0 ? 1 : size), factory_(std::move(factory)) {}

  /// Runs `use` with a connection that nobody else has meanwhile. What `use` or opening throws goes
  /// through.
  template <class Use>
  auto with(Use use) {
    Borrowed borrowed(*this);
    return use(*borrowed.connection);
  }

 private:
  struct Borrowed {
    explicit Borrowed(ReaderPool& from) : pool(from), connection(from.take()) {}
    ~Borrowed() { pool.put(std::move(connection)); }
    ReaderPool& pool;
    std::unique_ptr<Connection> connection;
  };

  std::unique_ptr<Connection> take();
  void put(std::unique_ptr<Connection> connection) noexcept;

  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t left_;  // connections that may still be made
  std::vector<std::unique_ptr<Connection>> free_;
  Factory factory_;
};

}  // namespace scena::sqlite
