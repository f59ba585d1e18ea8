#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace scena::test {

struct HostsEntry {
  std::string address;
  std::string name;  ///< Empty: the file has none.
};

/// The first name of /etc/hosts that has to be looked up: "localhost" and its like do not.
inline HostsEntry hosts_file_entry(bool ipv4_only = false) {
  std::ifstream hosts("/etc/hosts");
  for (std::string line; std::getline(hosts, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    HostsEntry entry;
    words >> entry.address;
    const bool usable = !ipv4_only || entry.address.find('.') != std::string::npos;
    while (usable && words >> entry.name) {
      if (entry.name.find("local") == std::string::npos) return entry;
    }
  }
  return {};
}

}  // namespace scena::test
