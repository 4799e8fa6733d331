// A turn for each of many connections.
#pragma once

#include "net/connection.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace echosocket::net {

/// Connections that were told something and are owed a turn: one job for all of them, where one for each would cost
/// more than what they send.
///
/// Every one of them runs on its own strand; none waits for another that is busy on a second thread. Whatever else runs
/// on the thread has its turn after each few dozen.
class turns {
public:
    void reserve(std::size_t connections) { owed_.reserve(connections); }
    void owe(const std::shared_ptr<connection>& whom) { owed_.push_back(whom); }
    /// Gives them, beginning behind this call, which may be made from any thread.
    void give() &&;

private:
    void give_some();

    std::vector<std::shared_ptr<connection>> owed_;
    std::size_t given_ = 0;
};

}  // namespace echosocket::net
