#include "connectors/history/json_tree.hpp"

#include <utility>

#include <simdjson.h>

namespace spill::rest {
namespace {

using json::TokenType;

const JsonNode& absent() noexcept {
    static const JsonNode node;
    return node;
}

bool read(json::od::value value, JsonNode& out, int depth);

bool read_object(json::od::value& value, JsonNode& out, int depth) {
    json::od::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    for (auto entry : object) {
        json::od::field field;
        if (std::move(entry).get(field) != simdjson::SUCCESS) return false;
        std::string_view key;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
        out.keys.emplace_back(key);
        if (!read(field.value(), out.items.emplace_back(), depth + 1)) return false;
    }
    return true;
}

bool read_array(json::od::value& value, JsonNode& out, int depth) {
    json::od::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (auto entry : array) {
        json::od::value item;
        if (std::move(entry).get(item) != simdjson::SUCCESS) return false;
        if (!read(item, out.items.emplace_back(), depth + 1)) return false;
    }
    return true;
}

bool read(json::od::value value, JsonNode& out, int depth) {
    if (depth > kMaxDepth) return false;
    json::Token const token = json::text_token(value);
    out.text = token.text();
    if (token.is(TokenType::Object)) out.type = TokenType::Object;
    if (token.is(TokenType::Array)) out.type = TokenType::Array;
    if (out.is(TokenType::Object)) return read_object(value, out, depth);
    if (out.is(TokenType::Array)) return read_array(value, out, depth);
    if (token.is(TokenType::Text)) out.type = TokenType::Text;
    if (token.is(TokenType::Number)) out.type = TokenType::Number;
    if (token.is(TokenType::True)) out.type = TokenType::True;
    if (token.is(TokenType::False)) out.type = TokenType::False;
    if (token.is(TokenType::Null)) out.type = TokenType::Null;
    return !out.is(TokenType::Absent);
}

}  // namespace

const JsonNode& JsonNode::at(std::size_t index) const noexcept {
    return index < items.size() ? items[index] : absent();
}

const JsonNode& JsonNode::field(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] == name) return items[i];
    }
    return absent();
}

Result<JsonNode> read_json(std::string_view body) {
    if (body.size() > kMaxBodyBytes) return fail(Errc::InvalidArgument, "the answer is too large");
    simdjson::padded_string const padded(body);
    json::od::parser parser;
    json::od::document document;
    json::od::value root;
    JsonNode out;
    bool const whole = parser.iterate(padded).get(document) == simdjson::SUCCESS &&
                       document.get_value().get(root) == simdjson::SUCCESS && read(root, out, 1) &&
                       document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!whole) return fail(Errc::InvalidArgument, "the answer is not JSON");
    return out;
}

}  // namespace spill::rest
