#!/usr/bin/env python3
"""Refuses the coroutine shapes that g++ 12 miscompiles without a word.

usage: coroutine_lint.py FILE...      one line per finding, exit status 1 when there is any
       coroutine_lint.py --self-test  proves that each bad shape is found and each good one is not

The rule: a co_await is its own statement, `auto x = co_await f(a);` or `co_await f(a);`. So never
inside a condition, an argument, ?: or a larger expression; never of a call with a braced temporary;
and the function declares a local variable at its outermost level.
"""
import re
import sys

KEYWORDS = {"return", "co_return", "co_await", "co_yield", "throw", "delete", "goto", "else",
            "new", "case", "using", "typedef", "if", "while", "for", "switch", "do"}
# What may stand between the start of a statement and its co_await.
TARGET = re.compile(
    r"^(?:"
    r"|\(void\)\s*"                                            # (void)co_await f();
    r"|[\w.\->\[\]:*]+\s*="                                    # x = co_await f();
    r"|(?:[\w:<>,&*\s]+?)[\s&*](?:\w+|\[[\w\s,]+\])\s*="       # auto const [a, b] = co_await f();
    r")\s*$")


def blank(source):
    """The source with comments and literals emptied; offsets and line numbers stay."""
    pattern = (r'R"(?P<d>[^()\\\s]*)\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
               r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'")

    def empty(match):
        text = match.group()
        return "".join(c if c == "\n" else " " for c in text)
    return re.sub(pattern, empty, source, flags=re.S)


def matching(code, start, step):
    """The offset of the bracket that closes (step 1) or opens (step -1) the one at start."""
    opening, closing = ("([{", ")]}") if step > 0 else (")]}", "([{")
    depth, i = 0, start
    while 0 <= i < len(code):
        if code[i] in opening:
            depth += 1
        elif code[i] in closing:
            depth -= 1
            if depth == 0:
                return i
        i += step
    return -1


def statement_start(code, pos):
    """(offset where the statement of pos starts, True when pos is inside a bracket of it)."""
    i = pos - 1
    while i >= 0:
        if code[i] in ")]}":
            if code[i] == "}":
                return i + 1, False
            i = matching(code, i, -1)
        elif code[i] in "([":
            return i, True
        elif code[i] in ";{":
            # `for (a; co_await b; c)`: the semicolon is inside a parenthesis.
            before = code[:i]
            depth, k = 0, i - 1
            while k >= 0 and before[k] not in "{}":
                depth += {")": 1, "(": -1}.get(before[k], 0)
                if depth < 0:
                    return i + 1, True
                k -= 1
            return i + 1, False
        i -= 1
    return 0, False


def without_control(head):
    """`if (c) x = ` becomes `x = `: a branch without braces is still its own statement."""
    while True:
        head = head.strip()
        match = re.match(r"(?:if|while|for)\s*(?:constexpr\s*)?\(", head)
        if match:
            end = matching(head, match.end() - 1, 1)
            if end < 0:
                return head
            head = head[end + 1:]
        elif re.match(r"(?:else|do)\b", head):
            head = re.sub(r"^(?:else|do)\b", "", head)
        elif re.match(r"(?:case\b[^;]*?[^:]:(?!:)|default\s*:)", head):
            head = re.sub(r"^(?:case\b[^;]*?[^:]:(?!:)|default\s*:)", "", head)
        else:
            return head


def statement_end(code, pos):
    depth, i = 0, pos
    while i < len(code):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth < 0:
                return i
        elif code[i] == ";" and depth == 0:
            return i
        i += 1
    return i


def without_lambdas(text):
    """The expression with the bodies of its lambdas emptied: they are judged on their own."""
    out, i = list(text), 0
    while i < len(text):
        if text[i] == "{":
            before = text[:i].rstrip()
            is_body = re.search(r"(?:\)|\]|mutable|noexcept|->\s*[\w:<>,\s*&]+)$", before)
            end = matching(text, i, 1)
            if is_body and end > i:
                out[i:end + 1] = " " * (end + 1 - i)
                i = end
        i += 1
    return "".join(out)


def body_of(code, pos):
    """(start, end) of the function body around pos: blocks of if, for, try ... are skipped."""
    i, depth = pos, 0
    while i > 0:
        i -= 1
        if code[i] == "}":
            depth += 1
        elif code[i] == "{":
            if depth:
                depth -= 1
                continue
            head = code[:i].rstrip()
            control = re.search(r"\b(?:else|do|try)$", head) or head.endswith((";", "{", "}", ":"))
            if not control and head.endswith(")"):
                open_paren = matching(code, len(head) - 1, -1)
                control = re.search(r"\b(?:if|for|while|switch|catch|constexpr)\s*$",
                                    code[:max(open_paren, 0)])
            if not control:
                return i, matching(code, i, 1)
    return 0, len(code)


def declares_local(body):
    """Whether the outermost level of a body (without its braces) declares a variable."""
    outer, depth = [], 0
    for c in body:
        if c == "}":
            depth -= 1
            outer.append(";" if depth == 0 else " ")
        elif depth == 0:
            outer.append("{" if c == "{" else c)
        if c == "{":
            depth += 1
    for statement in re.split(r"[;]", "".join(outer)):
        match = re.match(r"\s*(?:static\s+|constexpr\s+|const\s+)*([A-Za-z_][\w:]*)", statement)
        if match and match.group(1) not in KEYWORDS and re.match(
                r"\s*(?:[\w:]+(?:<.*>)?[\s&*]+)+(?:\w+(?:\[\w*\])?|\[[\w\s,]+\])\s*(?:=|\{|\(|$)",
                statement, flags=re.S):
            return True
    return False


def findings(source):
    """[(line, why)] of one file's text."""
    code = blank(source)
    found = []
    for match in re.finditer(r"\bco_await\b", code):
        pos = match.start()

        def report(why):
            found.append((code.count("\n", 0, pos) + 1, why))
        start, nested = statement_start(code, pos)
        end = statement_end(code, pos)
        head = without_control(code[start:pos])
        tail = without_lambdas(code[match.end():end])
        if nested:
            report("co_await inside a condition or an argument; give it its own statement")
        elif not TARGET.match(head):
            report("co_await inside a larger expression; write `auto x = co_await ...;`")
        if "?" in tail or "?" in head:
            report("co_await with ?:; branch with if and else")
        if "{" in tail:
            report("co_await of a call with a braced temporary; name it first")
        if re.search(r"\bco_await\b", tail):
            report("two co_await in one statement")
        body_start, body_end = body_of(code, pos)
        if not declares_local(code[body_start + 1:body_end]):
            report("a coroutine without a local variable at its outermost level")
    return found


GOOD = [
    "auto const x = co_await f(a, b);",
    "auto const [error, n] = co_await f(as_tuple(token));",
    "int y = 0; y = co_await f();",
    "int y = 0; co_await f(y);",
    "int y = 0; (void)co_await f(y);",
    "int y = 0; if (y) { co_await f(); } else { y = co_await g(); }",
    "int y = 0; if (y) co_await f();",
    "std::string text = \"co_await ? {\"; co_await f(text);  // co_await f(T{1})",
    "Deadline timer(x, 5); auto r = co_await f([&](int n) { return n ? T{1} : T{2}; });",
    "std::vector<char> bytes(10); for (;;) { auto const n = co_await f(bytes); if (!n) break; }",
    "Result<std::pair<int, int>> r = co_await f();",
    "int y = 0; for (auto i : list) { y += i; } this->value_ = co_await f();",
    "auto y = 1'000; co_await f(y);",
    "switch (int z = 0; z) { case 1: co_await f(); } int y = 0;",
]
BAD = [
    "int y = 0; if (co_await f()) g(y);",
    "int y = 0; while (co_await f() > 3) g(y);",
    "int y = 0; switch (co_await f()) {}",
    "int y = 0; for (;co_await f();) g(y);",
    "int y = 0; co_await (y ? a() : b());",
    "int y = 0; auto s = y ? std::string() : (co_await g(), std::string());",
    "int y = 0; y = y ? co_await f() : 1;",
    "int y = 0; auto z = 1 + co_await f();",
    "int y = 0; g(co_await f());",
    "int y = 0; co_return co_await f();",
    "int y = 0; co_await f(T{y});",
    "int y = 0; co_await f({y, y});",
    "int y = 0; auto z = co_await f(y, Options{.a = 1});",
    "co_await f();",
    "if (auto b = g(); b) { co_await f(); }",
    "for (;;) { int y = 0; y = co_await f(y); }",
    "int y = 0; spawn([&]() -> awaitable<void> { co_await f(y); });",
    "int y = 0; if (y && co_await f()) g();",
]


def self_test():
    wrong = 0
    for shape, wanted in [(s, False) for s in GOOD] + [(s, True) for s in BAD]:
        source = "awaitable<void> run(int a) {\n    " + shape + "\n}\n"
        found = findings(source)
        if bool(found) != wanted:
            wrong += 1
            print(f"self-test: {'not found' if wanted else found}: {shape}")
    print(f"{len(GOOD) + len(BAD)} shapes, {wrong} judged wrongly")
    return wrong > 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    bad = 0
    for path in arguments:
        with open(path, encoding="utf-8") as file:
            for line, why in findings(file.read()):
                bad += 1
                print(f"{path}:{line}: {why}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
