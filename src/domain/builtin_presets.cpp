#include "domain/builtin_presets.hpp"

#include <algorithm>
#include <scena/preset.hpp>

#include "base/lasting.hpp"

namespace scena {

const std::vector<Preset>& builtin_presets() {
  static const Lasting<std::vector<Preset>> presets([] {
    std::vector<Preset> read;
    for (const auto& source : builtin_preset_sources()) {
      // A test reads each; one that were broken would be missing here instead of ending the host.
      if (auto preset = Preset::from_json(source.json)) read.push_back(std::move(*preset));
    }
    std::sort(read.begin(), read.end(),
              [](const Preset& a, const Preset& b) { return a.id < b.id; });
    return read;
  }());
  return presets.get();
}

}  // namespace scena
