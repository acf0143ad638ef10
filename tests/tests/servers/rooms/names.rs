//! Names in every dialect.

use super::{Room, renamed_1, server_at_14_03_22};

#[tokio::test]
async fn nicknames_are_unique_across_dialects() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/name ONE").await;
    room.nc.expect(["Nickname 'ONE' is already in use."]).await;
    room.star.send("/name ｐｌａｉｎ").await;
    room.star.expect(["Nickname 'ｐｌａｉｎ' is already in use."]).await;
    room.two.send(r#"{"type":"rename","nickname":"User1"}"#).await;
    room.two.expect_error("nickname_in_use").await;

    // A user may change the case of its own nickname.
    room.plain.send("/name PLAIN").await;
    room.plain.expect(["You are now known as PLAIN"]).await;
    room.nc.expect(["* Plain is now known as PLAIN"]).await;
    room.two.expect([r#"{"type":"renamed","from":"Plain","to":"PLAIN"}"#]).await;
    room.star.expect(["14:03:22 ** Plain is now known as PLAIN **"]).await;
    room.one.expect(renamed_1("Plain", "PLAIN")).await;
    room.nothing_more(&server).await;
}

#[tokio::test]
async fn names_are_listed_sorted_in_every_dialect() {
    let (server, _) = server_at_14_03_22();
    let mut room = Room::gather(&server).await;

    room.nc.send("/users").await;
    room.nc.expect(["* online: one, Plain, star, two, user1"]).await;
    room.plain.send("/who").await;
    room.plain.expect(["Online users: one, Plain, star, two, user1"]).await;
    room.star.send("/who").await;
    room.star.expect(["Connected users:", "  one", "  Plain", "  star", "  two", "  user1"]).await;
    room.two.send(r#"{"type":"users","ref":"u"}"#).await;
    let users = concat!(
        r#"{"type":"users","ref":"u","count":5,"users":[{"nickname":"one","away":null},"#,
        r#"{"nickname":"Plain","away":null},{"nickname":"star","away":null},"#,
        r#"{"nickname":"two","away":null},{"nickname":"user1","away":null}]}"#
    );
    room.two.expect([users]).await;
}
