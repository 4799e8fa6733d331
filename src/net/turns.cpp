#include "net/turns.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {
constexpr std::size_t in_one_go = 64;
}

void turns::give() && {
    if (given_ == owed_.size()) return;
    const auto beneath = beneath_strand(owed_[given_]->executor());
    asio::post(beneath, [rest = std::move(*this)]() mutable { rest.give_some(); });
}

void turns::give_some() {
    for (const auto end = std::min(owed_.size(), given_ + in_one_go); given_ != end; ++given_)
        std::exchange(owed_[given_], nullptr)->take_turn();
    std::move(*this).give();
}

}  // namespace echosocket::net
