#include "net/ready_set.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace scena::net;

namespace {

/// One end of a pair of sockets, in a set; the other end has written when `ready`.
class End final : public ReadySet::Member {
 public:
  End(ReadySet& set, bool ready, ReadySet::Interest interest = {.read = true}) : set_(set) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_) == 0);
    if (ready) REQUIRE(::write(ends_[1], "x", 1) == 1);
    REQUIRE(set_.add(ends_[0], *this, interest));
  }
  ~End() override {
    leave();
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  void leave() { set_.remove(ends_[0], *this); }
  void drain() {
    char byte = 0;
    REQUIRE(::read(ends_[0], &byte, 1) == 1);
  }
  void hang_up() { ::shutdown(ends_[1], SHUT_RDWR); }
  void change(ReadySet::Interest interest) { set_.change(ends_[0], *this, interest); }

  void on_ready(bool readable, bool writable) override {
    ++told;
    was_readable = readable;
    was_writable = writable;
    if (then) then();
  }

  int told = 0;
  bool was_readable = false;
  bool was_writable = false;
  std::function<void()> then;

 private:
  ReadySet& set_;
  int ends_[2] = {-1, -1};
};

bool is_readable(const ReadySet& set) {
  pollfd waiting{set.descriptor(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace

TEST_CASE("a set is readable while a member is ready, and tells it until it is read") {
  ReadySet set;
  End quiet(set, false), ready(set, true);
  CHECK(is_readable(set));
  set.dispatch();
  set.dispatch();
  CHECK(ready.told == 2);
  CHECK(ready.was_readable);
  CHECK_FALSE(ready.was_writable);
  CHECK(quiet.told == 0);
  ready.drain();
  CHECK_FALSE(is_readable(set));
  set.dispatch();
  CHECK(ready.told == 2);
}

TEST_CASE("a member that leaves while others are told hears nothing more") {
  ReadySet set;
  End a(set, true), b(set, true);
  a.then = [&] { b.leave(); };
  b.then = [&] { a.leave(); };
  set.dispatch();
  CHECK(a.told + b.told == 1);
}

TEST_CASE("a member that throws leaves the others for the next time") {
  ReadySet set;
  End a(set, true), b(set, true);
  const auto fail = [] { throw std::runtime_error("no"); };
  a.then = b.then = fail;
  CHECK_THROWS(set.dispatch());
  CHECK(a.told + b.told == 1);
  a.then = b.then = nullptr;
  set.dispatch();
  CHECK(a.told + b.told == 3);
}

TEST_CASE("many ready members are told in batches") {
  ReadySet set;
  std::vector<std::unique_ptr<End>> ends;
  for (std::size_t i = 0; i < ReadySet::kBatch + 5; ++i) {
    ends.push_back(std::make_unique<End>(set, true));
    ends.back()->then = [end = ends.back().get()] { end->drain(); };
  }
  const auto told = [&] {
    int sum = 0;
    for (const auto& end : ends) sum += end->told;
    return sum;
  };
  set.dispatch();
  CHECK(told() == static_cast<int>(ReadySet::kBatch));
  CHECK(is_readable(set));
  set.dispatch();
  CHECK(told() == static_cast<int>(ends.size()));
  CHECK_FALSE(is_readable(set));
}

TEST_CASE("interest changes, and an end is readable and writable whatever was asked for") {
  ReadySet set;
  End end(set, false, {.write = true});
  set.dispatch();
  CHECK(end.was_writable);
  CHECK_FALSE(end.was_readable);
  end.change({.read = true});
  set.dispatch();
  CHECK(end.told == 1);
  end.change({.write = true});
  end.hang_up();
  set.dispatch();
  CHECK(end.told == 2);
  CHECK(end.was_readable);
}
