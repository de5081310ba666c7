#include "daemon/config_yaml.hpp"

#include <map>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace spill {
namespace {

Place place_of(YAML::Mark const& mark) noexcept {
    return mark.is_null() ? Place{} : Place{.line = mark.line + 1, .column = mark.column + 1};
}

std::size_t count_nodes(YamlNode const& node) {
    std::size_t total = 1 + node.keys.size();
    for (YamlNode const& item : node.items) total += count_nodes(item);
    return total;
}

// Builds the tree from the parser's events. An alias becomes a copy of what it points to, so the
// number of nodes is bounded here and not by the length of the text.
class TreeBuilder final : public YAML::EventHandler {
public:
    void OnDocumentStart(YAML::Mark const& mark) override {
        if (++documents_ > 1) {
            throw YAML::ParserException(mark, "a second document; only one is read");
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        add(leaf(YamlNode::Kind::Null, mark), anchor);
    }
    void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
        auto const it = anchors_.find(anchor);
        if (it == anchors_.end()) throw YAML::ParserException(mark, "an alias inside its anchor");
        count(mark, count_nodes(it->second));
        YamlNode copy = it->second;
        copy.place = place_of(mark);
        add(std::move(copy), 0);
    }
    void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  std::string const& value) override {
        YamlNode node = leaf(YamlNode::Kind::Scalar, mark);
        node.text = value;
        node.quoted = tag == "!";
        add(std::move(node), anchor);
    }
    void OnSequenceStart(YAML::Mark const& mark, std::string const& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::List, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(YAML::Mark const& mark, std::string const& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::Map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

    // Closes what a fault left open; a key without its value is dropped.
    YamlNode finish() {
        while (!open_.empty()) close();
        return std::move(root_);
    }

private:
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor;
        bool key_read;  // Map: the next node is a value
    };

    YamlNode leaf(YamlNode::Kind kind, YAML::Mark const& mark) {
        count(mark, 1);
        YamlNode node;
        node.kind = kind;
        node.place = place_of(mark);
        return node;
    }
    void count(YAML::Mark const& mark, std::size_t nodes) {
        nodes_ += nodes;
        if (nodes_ > kMaxYamlNodes) throw YAML::ParserException(mark, "too many values");
    }
    void open(YamlNode::Kind kind, YAML::Mark const& mark, YAML::anchor_t anchor) {
        bool const is_key = !open_.empty() && open_.back().node.kind == YamlNode::Kind::Map &&
                            !open_.back().key_read;
        if (is_key) throw YAML::ParserException(mark, "a key must be a plain word");
        open_.push_back(Open{leaf(kind, mark), anchor, false});
    }
    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        if (done.key_read) done.node.keys.pop_back();
        add(std::move(done.node), done.anchor);
    }
    void add(YamlNode node, YAML::anchor_t anchor) {
        if (anchor != 0) anchors_[anchor] = node;
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == YamlNode::Kind::List) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key_read) {
            parent.node.keys.push_back(std::move(node));
            parent.key_read = true;
        } else {
            parent.node.items.push_back(std::move(node));
            parent.key_read = false;
        }
    }

    YamlNode root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

}  // namespace

const char* to_string(YamlNode::Kind kind) noexcept {
    switch (kind) {
        case YamlNode::Kind::Null: return "nothing";
        case YamlNode::Kind::Scalar: return "a value";
        case YamlNode::Kind::List: return "a list";
        case YamlNode::Kind::Map: return "a section";
    }
    return "nothing";
}

YamlResult parse_yaml(std::string_view text) {
    YamlResult result;
    if (text.size() > kMaxYamlBytes) {
        result.fault = YamlFault{Place{}, "the file is larger than 4 MiB"};
        return result;
    }
    TreeBuilder builder;
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (YAML::Exception const& error) {
        result.fault = YamlFault{place_of(error.mark), error.msg};
    } catch (std::exception const& error) {
        result.fault = YamlFault{Place{}, error.what()};
    }
    result.root = builder.finish();
    return result;
}

}  // namespace spill
