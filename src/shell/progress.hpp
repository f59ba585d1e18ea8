#pragma once

#include <scena/batch.hpp>
#include <string>

namespace scena::shell {

/// One line for people: "[=======>            ]  38 of 120, 2 failed, 4 running, $0.12".
std::string progress_line(const BatchProgress& progress, std::size_t width);

/// The bar on the error output, where that is a terminal; elsewhere nothing is written. Each line
/// takes the place of the one before; it is gone when the bar is.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const BatchProgress& progress);

 private:
  bool terminal_;
  std::string shown_;
};

}  // namespace scena::shell
