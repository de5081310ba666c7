// The msgpack encoding of Alpaca's protocol. The same elements as in JSON; times are the timestamp
// extension and prices are binary floats, which are read as the shortest decimal that they stand
// for.
#pragma once

#include <string_view>

#include "connectors/alpaca_batch.hpp"
#include "connectors/codec.hpp"
#include "connectors/msgpack_scan.hpp"

namespace spill {

class AlpacaMsgpack {
public:
    // Valid until the next call.
    [[nodiscard]] Decoded decode(std::string_view frame) noexcept;

    [[nodiscard]] bool channel_refused() const noexcept { return batch_.channel_refused(); }

private:
    bool read_element(msgpack::Reader& reader, const msgpack::Item& map) noexcept;
    bool read_field(msgpack::Reader& reader, std::string_view key, AlpacaElement& out) noexcept;
    bool read_print(msgpack::Reader& reader, char key, AlpacaPrint& out) noexcept;
    [[nodiscard]] AlpacaId to_id(const msgpack::Item& item) noexcept;

    AlpacaBatch batch_;
};

}  // namespace spill
