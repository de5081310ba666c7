#include "daemon/decode.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>
#include <zstd.h>

#include "tests/support/skip.hpp"

using namespace spill;

namespace {

const std::string kTrade =
    R"({"stream":"zedusdt@trade","data":{"e":"trade","E":1700000000005,"s":"ZEDUSDT","t":41,)"
    R"("p":"7.25000000","q":"2.50000000","T":1700000000004,"m":true,"M":true}})";
const std::string kTradeLine =
    R"("kind":"trade","trades":[{"symbol":"ZEDUSDT","price":"7.25","size":"2.5",)"
    R"("aggressor":"sell","ts_event":1700000000004000000,"trade_id":"41","live":true}]})";

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "decode_XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    std::string write(const std::string& name, std::string_view bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return (path_ / name).string();
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

struct Run {
    int code = 0;
    std::string out, err;
};

Run run(const std::string& venue, const std::string& file) {
    std::ostringstream out;
    std::ostringstream err;
    Run result;
    result.code = run_decode(venue, file, out, err);
    result.out = out.str();
    result.err = err.str();
    return result;
}

std::string decompress(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string const packed{std::istreambuf_iterator<char>(in), {}};
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> const stream(ZSTD_createDStream(),
                                                                            &ZSTD_freeDStream);
    std::string text;
    std::string chunk(std::size_t{1} << 20U, '\0');
    ZSTD_inBuffer from{.src = packed.data(), .size = packed.size(), .pos = 0};
    while (true) {
        ZSTD_outBuffer to{.dst = chunk.data(), .size = chunk.size(), .pos = 0};
        REQUIRE(ZSTD_isError(ZSTD_decompressStream(stream.get(), &to, &from)) == 0);
        text.append(chunk, 0, to.pos);
        if (from.pos == from.size && to.pos < to.size) return text;
    }
}

// Every line without what stands before the first `mark`.
std::string without_prefix(const std::string& text, const std::string& mark) {
    std::istringstream lines(text);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        std::size_t const at = line.find(mark);
        out += (at == std::string::npos ? line : line.substr(at + mark.size())) + "\n";
    }
    return out;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

std::string compress(std::string_view bytes) {
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
    return packed;
}

}  // namespace

TEST_CASE("a trade is printed as one JSON object with its keys in order") {
    Folder const folder;
    Run const result = run("binance", folder.write("frame.json", kTrade));
    CHECK(result.code == 0);
    CHECK(result.out == R"({"line":0,)" + kTradeLine + "\n");
    CHECK(result.err.empty());
}

TEST_CASE("an aggregated row shows its fills and a block trade its mark") {
    Folder const folder;
    CHECK(run("binance",
              folder.write("a.txt", R"({"e":"aggTrade","E":1,"s":"Z","a":9,"p":"7","q":"1",)"
                                    R"("f":100,"l":104,"T":1700000000004,"m":false})"))
              .out.ends_with(R"("trade_id":"9","live":true,"first_fill":"100","last_fill":"104"}]})"
                             "\n"));
    CHECK(run("bybit",
              folder.write("b.txt", R"({"topic":"publicTrade.Z","data":[{"i":"8","p":"7","v":"1",)"
                                    R"("T":1700000000004,"S":"Buy","s":"Z","BT":true}]})"))
              .out.ends_with(R"("trade_id":"8","live":true,"block":true}]})"
                             "\n"));
}

TEST_CASE("other frames show what they name, and bad ones why") {
    Folder const folder;
    std::string const file =
        folder.write("frames.jsonl",
                     "{\"channel\":\"heartbeat\"}\n"
                     "{\"error\":\"No \\\"pair\\\"\",\"symbol\":\"XBT/USD\"}\r\n"
                     "{\"channel\":\n"
                     "\n"
                     "{\"channel\":\"trade\",\"type\":\"snapshot\",\"data\":[]}");
    Run const result = run("kraken", file);
    CHECK(result.code == 0);
    CHECK(result.out == R"({"line":0,"kind":"heartbeat"})"
                        "\n"
                        R"({"line":1,"kind":"error","symbol":"XBT/USD","message":"No \"pair\""})"
                        "\n"
                        R"({"line":2,"kind":"bad","reason":"not_json"})"
                        "\n"
                        R"({"line":3,"kind":"bad","reason":"empty"})"
                        "\n"
                        R"({"line":4,"kind":"trade","trades":[]})"
                        "\n");
    CHECK(run("binance", folder.write("e.json", R"({"code":0,"msg":"Why"})")).out ==
          R"({"line":0,"kind":"error","code":"0","message":"Why"})"
          "\n");
}

TEST_CASE("a binary frame is read from a file of its own and from lines of digits alike") {
    Folder const folder;
    // The channel of an MEXC frame, and nothing in it.
    std::string const name = "spot@public.aggre.deals.v3.api.pb@100ms@ZEDUSDT";
    std::string const frame = "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
    std::string digits;
    for (char const c : frame) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        digits += kDigits[static_cast<unsigned char>(c) / 16];
        digits += kDigits[static_cast<unsigned char>(c) % 16];
    }
    Run const bytes = run("mexc", folder.write("one.bin", frame));
    CHECK(bytes.code == 0);
    CHECK(bytes.out.starts_with(R"({"line":0,"kind":"other")"));
    CHECK(run("mexc", folder.write("one.hexl", digits + "\n")).out == bytes.out);
    CHECK(run("mexc", folder.write("one.json", frame)).out != bytes.out);
}

TEST_CASE("a file may be empty, without a last line feed, or hexadecimal") {
    Folder const folder;
    CHECK(run("kraken", folder.write("empty.jsonl", "")).out.empty());
    CHECK(run("kraken", folder.write("empty.json", "")).out ==
          R"({"line":0,"kind":"bad","reason":"empty"})"
          "\n");
    CHECK(run("kraken", folder.write("one.jsonl", "{}")).out ==
          "{\"line\":0,\"kind\":\"other\"}\n");
    Run const hex = run("kraken", folder.write("two.hex", "7b7D\nxyz\n"));
    CHECK(hex.code == 0);
    CHECK(hex.out.starts_with(R"({"line":0,"kind":"bad","reason":"not_text"})"));
    CHECK(hex.out.find(R"("line":1,"kind":"bad")") != std::string::npos);
}

TEST_CASE("zstd is decompressed on the way, also in several pieces") {
    Folder const folder;
    std::string lines;
    for (int i = 0; i < 5000; ++i) lines += kTrade + "\n";
    std::string const packed = compress(lines) + compress(kTrade + "\n");
    Run const result = run("binance", folder.write("many.jsonl.zst", packed));
    CHECK(result.code == 0);
    CHECK(result.out.ends_with(R"({"line":5000,)" + kTradeLine + "\n"));
    Run const cut =
        run("binance", folder.write("cut.jsonl.zst", packed.substr(0, packed.size() - 20)));
    CHECK(cut.code == 1);
    CHECK(cut.err.find("end too early") != std::string::npos);
    Run const damaged = run("binance", folder.write("bad.jsonl.zst", "not zstd at all"));
    CHECK(damaged.code == 1);
    CHECK(damaged.err.find("damaged") != std::string::npos);
}

TEST_CASE("a frame of 16 MB is refused and the next one is read") {
    Folder const folder;
    std::string const text = std::string(16U << 20U, '[') + "\n" + kTrade + "\n";
    CHECK(run("binance", folder.write("huge.jsonl", text)).out ==
          R"({"line":0,"kind":"bad","reason":"too_large"})"
          "\n"
          R"({"line":1,)" +
              kTradeLine + "\n");
}

TEST_CASE("what cannot be done is said in one line with the exit code of its kind") {
    Folder const folder;
    Run const unknown = run("binanse", folder.write("x.json", "{}"));
    CHECK(unknown.code == 64);
    CHECK(unknown.err.find("did you mean \"binance\"") != std::string::npos);
    CHECK(unknown.err.find("kraken") != std::string::npos);
    CHECK(unknown.err.find('\n') == unknown.err.size() - 1);
    for (char const* const venue : {"bybit", "bybit-spot", "bybit-linear", "kraken", "binance"}) {
        CHECK(run(venue, folder.write("x.json", "{}")).code == 0);
    }
    Run const missing = run("kraken", folder.path() + "/none.json");
    CHECK(missing.code == 1);
    CHECK(missing.err.find("none.json: No such file") != std::string::npos);
    CHECK(run("kraken", folder.path()).code == 1);
}

TEST_CASE("no recorded capture of another protocol gives a trade") {
    // Kraken v1 and futures, Bybit before v5: of 2021 and 2022, each on its venue's codec.
    std::filesystem::path const captures = test::shared_path("data/raw_ws_cryptofeed");
    if (captures.empty()) return test::skip("foreign captures", "no recorded frames here");
    Folder const folder;
    for (auto const& [venue, name] :
         std::vector<std::pair<std::string, std::string>>{{"kraken", "KRAKEN.ws.48.0"},
                                                          {"kraken", "KRAKEN.ws.49.0"},
                                                          {"kraken", "KRAKEN_FUTURES.ws.1.0"},
                                                          {"bybit", "BYBIT.ws.25.0"},
                                                          {"bybit", "BYBIT.ws.26.0"}}) {
        // A line is "<time>: <frame>".
        std::string const text = decompress(captures / (name + ".zst"));
        Run const result = run(venue, folder.write(name + ".jsonl", without_prefix(text, ": ")));
        INFO(name);
        CHECK(result.code == 0);
        CHECK(count(result.out, "\n") > 5);
        CHECK(count(result.out, "\"kind\":\"other\"") > 1);
        CHECK(count(result.out, "\"kind\":\"trade\"") == 0);
    }
}

TEST_CASE("a recorded binance stream gives exactly its trades") {
    std::filesystem::path const day = test::shared_path("data/raw_ws_binance_2024-08-08");
    if (day.empty()) return test::skip("binance capture", "no recorded frames here");
    Folder const folder;
    // A line is "<time> <frame>"; the trades were taken out by another program.
    std::string const frames = decompress(day / "spot_btcusdt_20240808.raw.jsonl.zst");
    std::string const trades = decompress(day / "trades_spot_btcusdt_20240808.csv.zst");
    Run const result = run("binance", folder.write("day.jsonl", without_prefix(frames, " ")));
    CHECK(result.code == 0);
    CHECK(count(result.out, "\"kind\":\"trade\"") == count(trades, "\n") - 1);
    CHECK(count(result.out, "\"kind\":\"bad\"") == 0);
}
