// Counts what is alive: a coroutine that holds one, for instance.
#pragma once

namespace echosocket::test {

struct alive {
    explicit alive(int& counter) : count(counter) { ++count; }
    alive(const alive&) = delete;
    alive& operator=(const alive&) = delete;
    ~alive() { --count; }
    int& count;
};

}  // namespace echosocket::test
