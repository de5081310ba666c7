// Venues, groups and instruments: from the lists of the file to the registry.
#pragma once

#include "daemon/config.hpp"
#include "daemon/config_reader.hpp"
#include "daemon/config_yaml.hpp"

namespace spill {

// Fills config.venues, registry, titles and aliases from the root of the file. A row with a fault
// is reported and left out; what refers to it is not reported again.
void read_master(const YamlNode& root, Config& config, Issues& issues);

}  // namespace spill
