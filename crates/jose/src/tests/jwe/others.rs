//! Tokens that another implementation made (joserfc 1.x on OpenSSL), once; both ways are tried with the same keys.

use super::private_key;
use crate::jwe::{Content, ContentEncryption, EncryptionKey, decrypt_compact};

const P256_KEY: &str = concat!(
    r#"{"crv":"P-256","x":"L1XQ0Xy_0wrtouI7YTujU3lyNUAfhm5bdZN5Ifgz9uc","y":"bIxZsFgeD8sb8curhc-hpkXeSq"#,
    r#"Yzj6-iZ3BRL-vUAbo","d":"2ksPj0VMzH5hIitUcAoB3wwwEEpGLE4KmjAvjkjQ6bg","kty":"EC"}"#,
);
const P256_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImVwayI6eyJjcnYiOiJQLTI1NiIsIngiOiJa\
    Q0poc2VKWVhkMThUWkNrX0JwWFVHTF9HMFo2WUdSVWVUNzJ6YXg2cUU4IiwieSI6IlFoelA5c1pkd2IyQThQZ1BOZHlPWlN3\
    RWo5aVdiWmg4MzFaSjRNWXlBSHMiLCJrdHkiOiJFQyJ9fQ..gqF0pScvGA8a_MQe.7EBcSiixUCKuSAYu_NVBP9oue-ISFg.\
    dMAkHy3xFTZ73iZDM6uNVw";
const P256_TOKEN_WITH_PARTIES: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlp\
    IiwiZXBrIjp7ImNydiI6IlAtMjU2IiwieCI6InNtSXhMUGFRdmFYMmY5LXJJckEzekdZNnpmck5nQWJCRE1oTnczaWVYNWci\
    LCJ5IjoiYXhXUTk5VzFHbGtUZ3lNNXlkNnAwWE1LTHBCelY2alo0Ri1lT0tlUGI5MCIsImt0eSI6IkVDIn19..c_06AYS0Ar\
    7INod_.2wTxP85WKwJZtm9B_EvQY48L_Ru4Qw.9dSEejm0nX88krqKK-1IQQ";
const P384_KEY: &str = concat!(
    r#"{"crv":"P-384","x":"B4NYs9cKF4JFmhDrmLdthMyfDH8o1WW2YK1u5gtCOW-YJTGB7sFBpQD1LJr6GkXV","y":"jdog-"#,
    r#"8n2FpP-3S552Cj17ORz5PoIjZTyZ9HVh7aTaiGXIO8gLehH2eeLEjpBe0o4","d":"AD0Aduo-Z-0HbpB-A3UhbECr-4Ktgd"#,
    r#"gMX32tArFeuxfLARLu_12Bbco4Yj_XLZT_","kty":"EC"}"#,
);
const P384_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImVwayI6eyJjcnYiOiJQLTM4NCIsIngiOiJw\
    dFp5WFFUcEVQN0tWYmZPaGNtYXhHeVhpN2RCV19DeTdVNnkzdXlpTmhEMDU4Q0prZW9SRFg5TDluSkxmelY5IiwieSI6ImxW\
    YVdNTTc5Zms2N1Y0bWI4ZkFxWVpCazhmbFVMZXR5LWt3ZkZVS0FibWY4cXhLbE9LOHVQdFZwbTFFODFtRVMiLCJrdHkiOiJF\
    QyJ9fQ..icMJi1A9LkGndpU_.E8c1fRSW3peeVEMOQRzTiad6GtOrpg.H9mnFv6fmkrpwCSY1zO8Kw";
const P384_TOKEN_WITH_PARTIES: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlp\
    IiwiZXBrIjp7ImNydiI6IlAtMzg0IiwieCI6IlhVZ3pmOUNETjF6Q3M4Ui16S3NJSl9GbU1mbnVPMGI3ZDhzdVNDaFFHY09D\
    VWxNMGlnSXB4Y2NkWEl1ei16LTkiLCJ5IjoiTWlXandrY3NRa1lkUUh3dFRQWmVldUV5aV8xS2tiRjNZZzE2ZTc4UWtmaVFh\
    Sk1ZZ2tRbkh4WG5xTjRWd18zYSIsImt0eSI6IkVDIn19..RXTrl4WW9WNkN3Vk.PKmu8Rj53JrIs9Zi_7hRvvLCxBfHIw.WK\
    k8YprMTWCCRBxPYCbUxg";
const P521_KEY: &str = concat!(
    r#"{"crv":"P-521","x":"AUSl7bYgjUYZK3YWJ-Sy1rz-EgOvqICDYcEMV6WXCCpVTJ7pniKGdm3R2KIDqO7Tgoyg15cByJCN"#,
    r#"wvALszmYnX-H","y":"AQ-o32ib_b1bOMyU3uBCOUNRuOxdKZD4PhSlvyD8L3Mj3Gn1sHhdhMS5ediPo24C9Y7rbLwWT8evM"#,
    r#"6plFN0KbGVF","d":"AYgatcM2gVIIS6uN1hs_7PGb1B3JxuEhmhZg5kxbmItaD5qwwtBk-jL7eqlbQFgPkHkNnQKtYk_M3U"#,
    r#"AzFWKoXDf-","kty":"EC"}"#,
);
const P521_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImVwayI6eyJjcnYiOiJQLTUyMSIsIngiOiJB\
    R1dFQVBvS3ZKWWZsVUwxemlCSDY3WDNnOG9KWU9NN1pjNUlkYmRzTGp6QXdobHJNTS1HQ3VSZEtaLVhFRW94MlFWeXVONmw4\
    YlU1bFJ2VVZVMk9WZGx3IiwieSI6IkFLVlI5ODJ0SWFEVVFxVFJjc0REbVFRS0lxUXNCSFl0ZWlyamhDZDdLU2RyZk1rNnZv\
    eEhtLURVXzVpd2NwQko2ZUQzajJVVUl2Qm1aRWE0QTY1RkZ2c2IiLCJrdHkiOiJFQyJ9fQ..Rs_SRRq9obA5paXc.RzElLtP\
    oDsUXfktoUe9YeK1waxiaJA.L5w-xIOUBiJHj7RDy1I-MQ";
const P521_TOKEN_WITH_PARTIES: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlp\
    IiwiZXBrIjp7ImNydiI6IlAtNTIxIiwieCI6IkFRX09nVmlTVmJKUElxY2ZjUnlDZDhJbXplTTV2T2NqUG8tc2o1X29YZlB0\
    YTBfU1YtZmxEb1ZMemk4U2l2WnoycHctdW9BV2x4Qjl5N0xFclJPelF6ZjQiLCJ5IjoiQWZCa2FoWUdjMy11RG93TzZFVW9K\
    V0lhcXBQSzBNbFpxbFNfSUhTX2x0ejlXbzVvRUtJUDFCMUNDMXdrTHB6dXZwVVZpSkRGbnM5Q0pUN2JRZGVuYTlaMyIsImt0\
    eSI6IkVDIn19..1qD65oy0ltIK4gl2.jxxHy1pJPpXA4duhYtneSWoW4FWU9Q.fEi_HdhtcbCXtwHJFvLbEw";
const X25519_KEY: &str = concat!(
    r#"{"crv":"X25519","x":"aQuUSk1Odia3PoWalFQHrnftB2MU1o_vGdA3hhShvgM","d":"OHiVVU2Tnt6m3Fy_WYY5ZGBk4"#,
    r#"IpBormMdRRU3hNkSU0","kty":"OKP"}"#,
);
const X25519_TOKEN: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImVwayI6eyJjcnYiOiJYMjU1MTkiLCJ4Ijoi\
    MXUxUnZja3lkTUVyNFlteFdwandNTkNnT2pLOXhPM2s1cmtuc1pRaUVpZyIsImt0eSI6Ik9LUCJ9fQ..GXcd2brKpEvrAd54\
    .H6lvnhji2Ndg79TH_-awdnsjgFDDb5U4.-ci14PJZbMzont9w7iRyyg";
const X25519_TOKEN_WITH_PARTIES: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImN0eSI6IkpXVCIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlp\
    IiwiZXBrIjp7ImNydiI6IlgyNTUxOSIsIngiOiJ6WVhmQ2Z1VG5LYkpNUlpHX3Y1aVJRUk9ENXVrb2U5RVluSEhaMzlYcGdF\
    Iiwia3R5IjoiT0tQIn19..RCEHblwG2DTuBVNK.9sjAwz1Uhz3OIB5hsYiSVIU01MihHeT6.wAfV__Qc0h9T8gHPnfGL5Q";
const RSA_KEY: &str = concat!(
    r#"{"n":"qMW-XtERYPoAMXebC9MIB8q_D4Pa3KHTP9BepzhBss8-WomuH_v9CrnrwbXdl-CiEmVNmODuJizzDaut4LeKs6gg8c"#,
    r#"0EHObLTtBtklrwYDvd06Yt-Ix0wrrobMf_pZyBdAnatZeoz7NDO4O325DbRquiZVf0zn-mAvolob8ZewrJBiH4inh5SBylq-"#,
    r#"ms8GgX13xuFe3TGk2zvudxMmWDPBQZFmLyMy3H20nb7veH7rH8rrguwA0aA5h1mfWNqg1j8SyopyDEwgLowxqzW6U01kllyM"#,
    r#"q-_oWjzfFqI9tFZaSzFTqXijBxvjpdIB-XWnQWMTRezwE60SoD8F6SPjfiQQ","e":"AQAB","d":"HsXLc8NgDVQYI-zgft"#,
    r#"PwI2eS1bPffJofCAQotgm6ZO2Hu39eGePa3BFRTMUpzc7-DiedcfIVSi2o9YWnkxE0P5S4yQ3uIYztZgX37JcbPBi-ViB3Ql"#,
    r#"nt0jG9PlRrJxm1uuAvGiw4cgKIEDpwlB7B9I1H832Jm_tHXESbBvZuoXHmXQ7CsrdfS9n6P_7Em7DKOYIgRW8x0A7twRWvzq"#,
    r#"-40djSVpeqQCi3U3G-AcUdc7KegH8IBYpXE_AkGY2JB-a65MGA83mIs_E2kXlFwJbr4plTfzGdoyfQy_ACBJau9edT3-ewPW"#,
    r#"YX-nmd-0vco590I0pOPB8HnNkdGufCryLZiQ","p":"4-81B3wfTXCLvFLHwCo05pQU0WkwgcDt15r57ehuF5uk4_bvZEqGd"#,
    r#"_287HnsRNHDMhTWffc1gH8TOeWlnGZLgYxDxXGFOhP04YEes9JDDnQwKj2NDnfjJ_07PPDAkylWvzcxOecowfwDc0bvCT-YI"#,
    r#"2q5_3cULvXxEd2UzoD7SU0","q":"vY2sXaF7vN_RprCHfc_oMMvaqS9OQ4lIbThNg4m7ndpDm1NRTTE0dgGrSGWFIrmGuPe"#,
    r#"Tl0HFIU3zOzfZgDmY12H_khGCYwENG17S5HMZaDIa_L2Ss5rm_zt1Vt3Cbi6WWOq9RvKOvizZDt67ImNPudvLrI4nY1-4zU9"#,
    r#"uImltYsU","dp":"wmEPdxeZ1j-BWxO5Nx6HSI_GBSPQcwbljfWi6AlMQaPBBYtjccLAU_m2MHB1VecQsFfm5zt3i-JSshAu"#,
    r#"oGb4Qz0r2mhJ9lJohhrH5RANkXjyTkN5VHpW5JZm-zxQ7e7WBHF78GY6ctuI0bkPRnLOOn3cqoiRVM72S4cMTOLf6Q0","dq"#,
    r#"":"Ezpj2bufybEKm1Yc6G5Gp2yGadMapU8vwaSMeGNoXMLfSMpS3Pm40J-quFVUBAm92NWEazuIu7AklEU-EvvEvVR7kF2mV"#,
    r#"FSu96_OxM3ILgGnKywvzXhRJmLprD4ikvq21Z46RRAl2rTB7_g4E2zvkXLyXjatWC9Fl84O5f670eE","qi":"hpGQ7sqPXY"#,
    r#"1_wLj6_IYMIohGYH2LAjzNCNcLSNG09IdF2yo1JkN_dqGshJEk0JnLP3pxbM8Vcy4wPCYfKd2toIbS2d5m9qPbK84-ASuCJn"#,
    r#"sZuDlRN5nrE-JoWNU9pWpXBgrY_IBRPtLoZAR6ITcPqj21LYdYswxX7aI3NpUPSoY","kty":"RSA"}"#,
);
const RSA_TOKEN: &str = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiSldUIn0.loGCR5TMzwI__zKYcsT0S_IyP3Vr\
    Dkj6c_E7aDBZOb1wtRASvSQunkaEA_rs5ujqyLgCpMiX97VJ3piPpj4QKxjtGOKlSV7hWORf0LHosHsMVj3yj0Yn1lNKGj7J\
    Z962B5e5WRh_JjO5QbWLO03S-4_USxkL9EAqxrZOM7NjZtrgIyEq6y08MmK9fWe_XAExnPcdalxbrYtX9GlJMBqyqjiwHKoL\
    RWBObbzsG5tgXQl8FX_ju0NeM28lUoh_bolIeFfHIzAWuTqP9PfUt7jKlk420wCGmGQCedn8iEY45orAHXB9ZdltPn-IvXZa\
    eMJT1QZE4Fc5o5oU7TQbq3OD2A.cMwlsQ2__eg0e2zH.N_cpkKTc-yqWOj8l69dAgcq8a5K3.IlUaBKJLARWCe9xruaY-Pw";

const CASES: [(&str, &str, &str); 9] = [
    ("P256", P256_KEY, P256_TOKEN),
    ("P256", P256_KEY, P256_TOKEN_WITH_PARTIES),
    ("P384", P384_KEY, P384_TOKEN),
    ("P384", P384_KEY, P384_TOKEN_WITH_PARTIES),
    ("P521", P521_KEY, P521_TOKEN),
    ("P521", P521_KEY, P521_TOKEN_WITH_PARTIES),
    ("X25519", X25519_KEY, X25519_TOKEN),
    ("X25519", X25519_KEY, X25519_TOKEN_WITH_PARTIES),
    ("RSA", RSA_KEY, RSA_TOKEN),
];

#[test]
fn their_tokens_open_here() {
    for (about, key, token) in CASES {
        let key = private_key(&serde_json::from_str(key).unwrap());
        let read = decrypt_compact(token, &[key]).unwrap();
        assert_eq!(*read.plain, format!("from elsewhere on {about}").into_bytes());
        assert_eq!(read.header.content_type.as_deref(), Some("JWT"));
    }
}

/// RFC 7518 §4.6.2: the parties are part of what the key is made of, not only of what is authenticated.
#[test]
fn their_keys_are_encrypted_to_here() {
    for (about, key, _) in CASES {
        let key = private_key(&serde_json::from_str(key).unwrap());
        let public = EncryptionKey::from_jwk(key.public_jwk(), ContentEncryption::A256Gcm).unwrap();
        let token = public.encrypt_compact(Content::Jwt, about.as_bytes()).unwrap();
        assert_eq!(*decrypt_compact(&token, &[key]).unwrap().plain, about.as_bytes());
    }
}
