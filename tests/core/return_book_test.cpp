#include "core/return_book.hpp"

#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/engine_fixture.hpp"

using namespace spill;
using namespace spill::support;

namespace {

struct Bench {
    Bench() : world(make(*this)), book(world.registry, params) {}
    static World make(Bench& self) {
        World world;
        self.mu = world.instrument({.name = "MU", .group = world.group("semis")});
        self.hynix =
            world.instrument({.name = "000660", .market = Market::Xkrx, .group = GroupId{0}});
        self.spy = world.instrument({.name = "SPY", .role = Role::Benchmark});
        self.btc =
            world.instrument({.name = "BTC", .market = Market::Utc, .role = Role::Benchmark});
        self.tao = world.instrument({.name = "TAO",
                                     .market = Market::Utc,
                                     .role = Role::Token,
                                     .group = world.group("infra", GroupId{}, true)});
        return world;
    }
    // TAO moves `factor` times what BTC moves, up and down in turn.
    void steps(int n, double factor) {
        for (int i = 0; i < n; ++i) {
            up_ = !up_;
            btc_price *= std::exp(up_ ? 0.01 : -0.01);
            tao_price *= std::exp((up_ ? 0.01 : -0.01) * factor);
            book.mark(btc, btc_price);
            book.mark(tao, tao_price);
            book.finish_step();
        }
    }
    Params params;
    InstrumentId mu, hynix, spy, btc, tao;
    World world;
    ReturnBook book;
    double btc_price = 100.0, tao_price = 10.0;

private:
    bool up_ = false;
};

}  // namespace

TEST_CASE("tokens are measured against BTC, stocks against the benchmark of their own market") {
    Bench bench;
    CHECK(bench.book.benchmark_of(bench.tao) == bench.btc);
    CHECK(bench.book.benchmark_of(bench.mu) == bench.spy);
    CHECK_FALSE(bench.book.benchmark_of(bench.hynix).valid());
    CHECK_FALSE(bench.book.benchmark_of(bench.btc).valid());
}

TEST_CASE("a return needs both of its ends") {
    Bench bench;
    bench.book.mark(bench.mu, 100.0);
    CHECK_FALSE(bench.book.last(bench.mu).has_value());
    bench.book.mark(bench.mu, 101.0);
    CHECK(*bench.book.last(bench.mu) == doctest::Approx(std::log(1.01)));
    bench.book.mark(bench.mu, std::nullopt);
    CHECK_FALSE(bench.book.last(bench.mu).has_value());
    bench.book.mark(bench.mu, 102.0);
    CHECK_FALSE(bench.book.last(bench.mu).has_value());
    bench.book.mark(bench.mu, 103.0);
    CHECK(bench.book.last(bench.mu).has_value());
    // No return reaches over the night.
    bench.book.forget(bench.mu);
    bench.book.mark(bench.mu, 110.0);
    CHECK_FALSE(bench.book.last(bench.mu).has_value());
}

TEST_CASE("beta is one and provisional until it has its samples, and lags one step") {
    Bench bench;
    bench.steps(200, 2.0);  // the first mark gives no return: 199 samples
    bench.steps(1, 2.0);
    CHECK(bench.book.beta(bench.tao).value == 1.0);
    CHECK(bench.book.beta(bench.tao).provisional);
    bench.steps(1, 2.0);
    CHECK(bench.book.beta(bench.tao).value == doctest::Approx(2.0));
    CHECK_FALSE(bench.book.beta(bench.tao).provisional);
}

TEST_CASE("beta is clipped to what is plausible") {
    Bench high;
    high.steps(210, 7.0);
    CHECK(high.book.beta(high.tao).value == 3.0);
    Bench low;
    low.steps(210, -1.0);
    CHECK(low.book.beta(low.tao).value == 0.0);
}

TEST_CASE("a step without the benchmark teaches nothing") {
    Bench bench;
    bench.steps(210, 2.0);
    bench.book.mark(bench.btc, std::nullopt);
    bench.book.finish_step();  // beta is one step behind
    double const before = bench.book.beta(bench.tao).value;
    for (int i = 0; i < 50; ++i) {
        bench.book.mark(bench.btc, std::nullopt);
        bench.book.mark(bench.tao, 10.0 + i);
        bench.book.finish_step();
    }
    CHECK(bench.book.beta(bench.tao).value == before);
}

TEST_CASE("ten sessions are 780 samples of a stock and 2880 of a token") {
    CHECK(beta_half_life(Market::Xnys, BetaParams{}) == 780.0);
    CHECK(beta_half_life(Market::Xkrx, BetaParams{}) == 780.0);
    CHECK(beta_half_life(Market::Utc, BetaParams{}) == 2880.0);
}
