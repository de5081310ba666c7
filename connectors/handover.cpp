#include "connectors/handover.hpp"

namespace spill {

Handover::Step Handover::step(LinkTime now, LinkState old, LinkState successor) noexcept {
    bool const carries =
        old == LinkState::Live || old == LinkState::Subscribing || old == LinkState::Stale;
    if (carries && successor != LinkState::Live && now < until_) return Step::Wait;
    until_ = LinkTime::max();
    return Step::DropOld;
}

}  // namespace spill
