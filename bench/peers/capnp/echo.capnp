@0xb4d3f6a1c2e85790;

interface Echo {
    call @0 (payload :Data) -> (payload :Data);
}
