#include "daemon/gateway/request_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <simdjson.h>

#include "daemon/gateway/state_words.hpp"
#include "daemon/nearest.hpp"

namespace spill {
namespace {

constexpr std::array<std::string_view, kSignalTypes> kTypeNames{
    "breakout", "participation", "volume", "rotation", "unwind", "health"};
constexpr std::array<SubscriberOp, 3> kOps{SubscriberOp::Subscribe, SubscriberOp::Unsubscribe,
                                           SubscriberOp::Resume};
constexpr std::array<std::string_view, 3> kOpNames{"subscribe", "unsubscribe", "resume"};

// Bit n of the seen fields is kFieldNames[n].
enum Field : unsigned {
    kOp,
    kId,
    kTypes,
    kKeys,
    kInstruments,
    kBaskets,
    kBuckets,
    kMinState,
    kMinScore,
    kSnapshot,
    kEpoch,
    kOffset
};
constexpr std::array<std::string_view, 12> kFieldNames{
    "op",      "id",        "types",     "keys",     "instruments", "baskets",
    "buckets", "min_state", "min_score", "snapshot", "epoch",       "offset"};

[[nodiscard]] constexpr unsigned bit(Field field) noexcept { return 1U << field; }
// Fields that only some operations know.
constexpr unsigned kOfResume = bit(kEpoch) | bit(kOffset);
constexpr unsigned kNotOfUnsubscribe = kOfResume | bit(kMinState) | bit(kMinScore) | bit(kSnapshot);

}  // namespace

struct RequestReader::Impl {
    simdjson::dom::parser parser{kMaxInboundBytes};
    SubscriberRequest* request = nullptr;
    Rejection* rejection = nullptr;
    std::string min_state;

    bool refuse(const char* code, std::string message, std::string nearest = {}) {
        rejection->code = code;
        rejection->message = std::move(message);
        rejection->nearest = std::move(nearest);
        return false;
    }
    // Refuses a word that is not one of `known`.
    bool refuse_word(const char* code, const char* what, std::string_view written,
                     std::span<const std::string_view> known) {
        return refuse(code, std::string(what).append(" is not known: ").append(excerpt(written)),
                      std::string(nearest(written, known)));
    }

    bool read_op(simdjson::dom::element value) {
        std::string_view name;
        if (value.get(name) != simdjson::SUCCESS) return refuse("wrong_type", "op must be text");
        for (SubscriberOp const op : kOps) {
            if (name != to_string(op)) continue;
            request->op = op;
            return true;
        }
        return refuse_word("unknown_op", "op", name, kOpNames);
    }

    bool read_types(simdjson::dom::element value) {
        simdjson::dom::array names;
        if (value.get(names) != simdjson::SUCCESS || names.size() == 0) {
            return refuse("wrong_type", "types must be a list of at least one name");
        }
        request->types = 0;
        for (simdjson::dom::element const element : names) {
            std::string_view name;
            if (element.get(name) != simdjson::SUCCESS) {
                return refuse("wrong_type", "types must be a list of names");
            }
            auto const* const found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
            if (found == kTypeNames.end()) {
                return refuse_word("unknown_type", "type", name, kTypeNames);
            }
            request->types |= type_bit(static_cast<SignalType>(found - kTypeNames.begin()));
        }
        return true;
    }

    bool read_names(simdjson::dom::element value, std::string_view field,
                    std::vector<std::string>& out) {
        simdjson::dom::array names;
        if (value.get(names) != simdjson::SUCCESS || names.size() == 0) {
            return refuse("wrong_type",
                          std::string(field).append(" must be a list of at least one name"));
        }
        if (names.size() > kMaxKeys) {
            return refuse("too_many_keys", "at most 64 names in one list");
        }
        for (simdjson::dom::element const element : names) {
            std::string_view name;
            if (element.get(name) != simdjson::SUCCESS || name.empty() ||
                name.size() > kMaxKeyBytes) {
                return refuse("wrong_type", "a name or key is a text of 1 to 56 bytes");
            }
            out.emplace_back(name);
        }
        return true;
    }

    bool read_min_score(simdjson::dom::element value) {
        double score = 0.0;
        if (value.get(score) != simdjson::SUCCESS || !std::isfinite(score)) {
            return refuse("wrong_type", "min_score must be a number");
        }
        request->min_score = score;
        return true;
    }

    bool read_field(Field field, simdjson::dom::element value) {
        switch (field) {
            case kId: return true;  // was read first, so that every answer has it
            case kOp: return read_op(value);
            case kTypes: return read_types(value);
            case kKeys: return read_names(value, "keys", request->keys);
            case kInstruments: return read_names(value, "instruments", request->instruments);
            case kBaskets: return read_names(value, "baskets", request->baskets);
            case kBuckets: return read_names(value, "buckets", request->buckets);
            case kMinState: return read_text(value, "min_state", min_state);
            case kMinScore: return read_min_score(value);
            case kSnapshot:
                if (value.get(request->snapshot) == simdjson::SUCCESS) return true;
                return refuse("wrong_type", "snapshot must be true or false");
            case kEpoch: return read_text(value, "epoch", request->epoch);
            case kOffset:
                if (value.get(request->offset) == simdjson::SUCCESS) return true;
                return refuse("wrong_type", "offset must be a whole number, not negative");
        }
        return true;
    }

    bool read_text(simdjson::dom::element value, const char* field, std::string& out) {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS || text.empty() || text.size() > kMaxEpochBytes) {
            return refuse("wrong_type", std::string(field).append(" must be a short text"));
        }
        out = text;
        return true;
    }

    // The word must be one of some type of the request; types without it keep no threshold.
    bool resolve_min_state() {
        bool found = false;
        std::vector<std::string_view> known;
        for (int i = 0; i < kSignalTypes; ++i) {
            auto const type = static_cast<SignalType>(i);
            if ((request->types & type_bit(type)) == 0) continue;
            for (const StateWord& state : states_of(type)) known.push_back(state.word);
            std::uint8_t const rank = state_rank(type, min_state);
            if (rank == kUnknownRank) continue;
            request->min_rank[static_cast<std::size_t>(i)] = rank;
            found = true;
        }
        return found || refuse_word("unknown_state", "state", min_state, known);
    }

    bool read_fields(simdjson::dom::object object) {
        unsigned seen = 0;
        min_state.clear();
        for (auto const& [name, value] : object) {
            auto const* const found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
            if (found == kFieldNames.end()) {
                return refuse_word("unknown_field", "field", name, kFieldNames);
            }
            auto const field = static_cast<Field>(found - kFieldNames.begin());
            if ((seen & bit(field)) != 0) {
                return refuse("duplicate_field", std::string(name).append(" is given twice"));
            }
            seen |= bit(field);
            if (!read_field(field, value)) return false;
        }
        if ((seen & bit(kOp)) == 0) return refuse("missing_op", "op is missing", "subscribe");
        return check_fields(seen) && (min_state.empty() || resolve_min_state());
    }

    bool check_fields(unsigned seen) {
        switch (request->op) {
            case SubscriberOp::Subscribe:
                if ((seen & kOfResume) == 0) return true;
                return refuse("wrong_field", "epoch and offset belong to a resume", "resume");
            case SubscriberOp::Unsubscribe:
                if ((seen & kNotOfUnsubscribe) == 0) return true;
                return refuse("wrong_field", "an unsubscribe has types and names only");
            case SubscriberOp::Resume:
                if ((seen & kOfResume) == kOfResume) return true;
                return refuse("missing_field", "a resume needs epoch and offset");
        }
        return true;
    }
};

RequestReader::RequestReader() : impl_(std::make_unique<Impl>()) {
    // Nothing that we understand nests deeper than a list in an object.
    if (impl_->parser.allocate(kMaxInboundBytes, 8) != simdjson::SUCCESS) std::abort();
}
RequestReader::~RequestReader() = default;

bool RequestReader::read(std::string_view text, SubscriberRequest& request, Rejection& rejection) {
    request = SubscriberRequest{};
    rejection = Rejection{};
    impl_->request = &request;
    impl_->rejection = &rejection;
    simdjson::dom::element root;
    if (impl_->parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
        return impl_->refuse("not_json", "a message is one JSON object");
    }
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return impl_->refuse("not_object", "a message is one JSON object");
    }
    simdjson::dom::element id;
    if (object.at_key("id").get(id) == simdjson::SUCCESS) {
        std::int64_t number = -1;
        if (id.get(number) != simdjson::SUCCESS || number < 0) {
            return impl_->refuse("wrong_type", "id must be a whole number, not negative");
        }
        request.id = rejection.id = number;
    }
    return impl_->read_fields(object);
}

}  // namespace spill
