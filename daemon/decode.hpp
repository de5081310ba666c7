// `spilloverd decode VENUE FILE`: what a codec reads out of recorded frames, as JSON lines.
#pragma once

#include <iosfwd>
#include <string>

namespace spill {

// Writes one JSON object a frame to `out`. The extension of `file` says how frames are stored:
// .jsonl one a line, .hex, .hexl or .hex.txt one binary frame a line, .bin one binary frame, .txt
// one a line of which those behind "> " are ours and left out, anything else one text frame in the
// whole file. A further .zst is decompressed on the way. `venue` is a name of venue_specs() or
// `bybit`.
//
// Returns the exit code: 0 (bad frames are data, not failures), 1 when the file cannot be read or
// `out` cannot be written, 64 when the venue is unknown; then one line goes to `err`.
[[nodiscard]] int run_decode(const std::string& venue, const std::string& file, std::ostream& out,
                             std::ostream& err);

}  // namespace spill
