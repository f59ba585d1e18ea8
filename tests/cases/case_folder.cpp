#include "cases/case_folder.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace scena::cases {
namespace {

constexpr std::string_view kName = "%folder%";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

void let_files_grow(bool may) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("no limit can be read");
  limit.rlim_cur = may ? limit.rlim_max : 0;
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("no limit can be set");
}

}  // namespace

CaseFolder::~CaseFolder() {
  if (full_) let_files_grow(true);
  std::error_code failed;
  if (!path_.empty()) std::filesystem::remove_all(path_, failed);
}

const std::string& CaseFolder::path() {
  if (!path_.empty()) return path_;
  path_ = std::filesystem::canonical(std::filesystem::temp_directory_path()) / "scena_case_XXXXXX";
  if (!::mkdtemp(path_.data())) throw std::runtime_error("no folder can be made");
  return path_;
}

void CaseFolder::write(const std::string& name, std::string_view content) {
  std::ofstream(path() + "/" + name) << content;
}

void CaseFolder::fill() {
  std::signal(SIGXFSZ, SIG_IGN);
  let_files_grow(false);
  full_ = true;
}

std::string CaseFolder::insert(std::string_view text) {
  if (text.find(kName) == std::string_view::npos) return std::string(text);
  return replaced(std::string(text), kName, path());
}

std::string CaseFolder::hide(std::string_view text) const {
  if (path_.empty()) return std::string(text);
  return replaced(std::string(text), path_, kName);
}

}  // namespace scena::cases
