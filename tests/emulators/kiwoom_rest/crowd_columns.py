"""The answers about who trades, what is in fashion and what an account became: their columns."""

from __future__ import annotations

from typing import Final

from tests.emulators.kiwoom_rest.fund_columns import FUNDS

TABLES: Final[dict[str, tuple[str, str, str, str]]] = {
    "ka10010": (
        "",
        "stk_cd=001",
        (
            "dfrt_trst_sell_qty dfrt_trst_sell_amt dfrt_trst_buy_qty dfrt_trst_buy_amt "
            "dfrt_trst_netprps_qty dfrt_trst_netprps_amt ndiffpro_trst_sell_qty "
            "ndiffpro_trst_sell_amt ndiffpro_trst_buy_qty ndiffpro_trst_buy_amt "
            "ndiffpro_trst_netprps_qty ndiffpro_trst_netprps_amt all_dfrt_trst_sell_qty "
            "all_dfrt_trst_sell_amt all_dfrt_trst_buy_qty all_dfrt_trst_buy_amt "
            "all_dfrt_trst_netprps_qty all_dfrt_trst_netprps_amt"
        ),
        "",
    ),
    "ka10011": (
        "newstk_recvrht_mrpr",
        "newstk_recvrht_tp=00",
        "",
        "",
    ),
    "ka10026": (
        "high_low_per",
        "pertp=1 stex_tp=3",
        "",
        "",
    ),
    "ka10013": (
        "crd_trde_trend",
        "stk_cd=005930 dt=20250902 qry_tp=1",
        "",
        "dt cur_prc pred_pre_sig pred_pre trde_qty new rpya remn amt pre shr_rt remn_rt",
    ),
    "ka10033": (
        "crd_rt_upper",
        "mrkt_tp=000 trde_qty_tp=0 stk_cnd=0 updown_incls=1 crd_cnd=0 stex_tp=3",
        "",
        (
            "stk_infr stk_cd stk_nm cur_prc pred_pre_sig pred_pre flu_rt crd_rt sel_req "
            "buy_req now_trde_qty"
        ),
    ),
    "ka10051": (
        "inds_netprps",
        "mrkt_tp=0 amt_qty_tp=0 base_dt=20250902 stex_tp=3",
        "",
        (
            "inds_cd inds_nm cur_prc pre_smbol pred_pre flu_rt trde_qty sc_netprps "
            "insrnc_netprps invtrt_netprps bank_netprps jnsinkm_netprps endw_netprps "
            "etc_corp_netprps ind_netprps frgnr_netprps native_trmt_frgnr_netprps "
            "natn_netprps samo_fund_netprps orgn_netprps"
        ),
    ),
    "ka10052": (
        "trde_ori_mont_trde_qty",
        "mmcm_cd=050 stk_cd=005930 mrkt_tp=0 qty_tp=0 pric_tp=0 stex_tp=3",
        "",
        (
            "tm stk_cd stk_nm trde_ori_nm tp mont_trde_qty acc_netprps cur_prc pred_pre_sig "
            "pred_pre flu_rt"
        ),
    ),
    "ka10068": (
        "dbrt_trde_trnsn",
        "strt_dt=20250901 end_dt=20250902 all_tp=1",
        "",
        "dt dbrt_trde_cntrcnt dbrt_trde_rpy dbrt_trde_irds rmnd remn_amt",
    ),
    "ka10069": (
        "dbrt_trde_upper_10stk",
        "strt_dt=20250901 end_dt=20250902 mrkt_tp=001",
        (
            "dbrt_trde_cntrcnt_sum dbrt_trde_rpy_sum rmnd_sum remn_amt_sum "
            "dbrt_trde_cntrcnt_rt dbrt_trde_rpy_rt rmnd_rt remn_amt_rt"
        ),
        "stk_nm stk_cd dbrt_trde_cntrcnt dbrt_trde_rpy rmnd remn_amt",
    ),
    "ka10087": (
        "",
        "stk_cd=005930",
        (
            "bid_req_base_tm ovt_sigpric_sel_bid_jub_pre_5 ovt_sigpric_sel_bid_jub_pre_4 "
            "ovt_sigpric_sel_bid_jub_pre_3 ovt_sigpric_sel_bid_jub_pre_2 "
            "ovt_sigpric_sel_bid_jub_pre_1 ovt_sigpric_sel_bid_qty_5 "
            "ovt_sigpric_sel_bid_qty_4 ovt_sigpric_sel_bid_qty_3 ovt_sigpric_sel_bid_qty_2 "
            "ovt_sigpric_sel_bid_qty_1 ovt_sigpric_sel_bid_5 ovt_sigpric_sel_bid_4 "
            "ovt_sigpric_sel_bid_3 ovt_sigpric_sel_bid_2 ovt_sigpric_sel_bid_1 "
            "ovt_sigpric_buy_bid_1 ovt_sigpric_buy_bid_2 ovt_sigpric_buy_bid_3 "
            "ovt_sigpric_buy_bid_4 ovt_sigpric_buy_bid_5 ovt_sigpric_buy_bid_qty_1 "
            "ovt_sigpric_buy_bid_qty_2 ovt_sigpric_buy_bid_qty_3 ovt_sigpric_buy_bid_qty_4 "
            "ovt_sigpric_buy_bid_qty_5 ovt_sigpric_buy_bid_jub_pre_1 "
            "ovt_sigpric_buy_bid_jub_pre_2 ovt_sigpric_buy_bid_jub_pre_3 "
            "ovt_sigpric_buy_bid_jub_pre_4 ovt_sigpric_buy_bid_jub_pre_5 "
            "ovt_sigpric_sel_bid_tot_req ovt_sigpric_buy_bid_tot_req sel_bid_tot_req_jub_pre "
            "sel_bid_tot_req buy_bid_tot_req buy_bid_tot_req_jub_pre "
            "ovt_sel_bid_tot_req_jub_pre ovt_sel_bid_tot_req ovt_buy_bid_tot_req "
            "ovt_buy_bid_tot_req_jub_pre ovt_sigpric_cur_prc ovt_sigpric_pred_pre_sig "
            "ovt_sigpric_pred_pre ovt_sigpric_flu_rt ovt_sigpric_acc_trde_qty"
        ),
        "",
    ),
    "ka10098": (
        "ovt_sigpric_flu_rt_rank",
        "mrkt_tp=000 sort_base=5 stk_cnd=0 trde_qty_cnd=0 crd_cnd=0 trde_prica=0",
        "",
        (
            "rank stk_cd stk_nm cur_prc pred_pre_sig pred_pre flu_rt sel_tot_req buy_tot_req "
            "acc_trde_qty acc_trde_prica tdy_close_pric tdy_close_pric_flu_rt"
        ),
    ),
    "ka20068": (
        "dbrt_trde_trnsn",
        "strt_dt=20250901 end_dt=20250902 all_tp=0 stk_cd=005930",
        "",
        "dt dbrt_trde_cntrcnt dbrt_trde_rpy dbrt_trde_irds rmnd remn_amt",
    ),
    **FUNDS,
    "ka90012": (
        "dbrt_trde_prps",
        "dt=20250902 mrkt_tp=001",
        "",
        "stk_nm stk_cd dbrt_trde_cntrcnt dbrt_trde_rpy rmnd remn_amt",
    ),
    "kt20016": (
        "crd_loan_pos_stk",
        "crd_stk_grde_tp=A mrkt_deal_tp=% stk_cd=039490",
        "crd_loan_able",
        (
            "stk_cd stk_nm crd_assr_rt repl_pric pred_close_pric crd_limit_over_yn "
            "crd_limit_over_txt"
        ),
    ),
    "kt20017": (
        "",
        "stk_cd=005930",
        "crd_alow_yn",
        "",
    ),
    "ka00198": (
        "item_inq_rank",
        "qry_tp=4",
        "",
        (
            "stk_nm bigd_rank rank_chg rank_chg_sign past_curr_prc base_comp_sign "
            "base_comp_chgr prev_base_sign prev_base_chgr dt tm stk_cd"
        ),
    ),
    "ka10002": (
        "",
        "stk_cd=005930",
        (
            "stk_cd stk_nm cur_prc flu_smbol base_pric pred_pre flu_rt sel_trde_ori_nm_1 "
            "sel_trde_ori_1 sel_trde_qty_1 buy_trde_ori_nm_1 buy_trde_ori_1 buy_trde_qty_1 "
            "sel_trde_ori_nm_2 sel_trde_ori_2 sel_trde_qty_2 buy_trde_ori_nm_2 buy_trde_ori_2 "
            "buy_trde_qty_2 sel_trde_ori_nm_3 sel_trde_ori_3 sel_trde_qty_3 buy_trde_ori_nm_3 "
            "buy_trde_ori_3 buy_trde_qty_3 sel_trde_ori_nm_4 sel_trde_ori_4 sel_trde_qty_4 "
            "buy_trde_ori_nm_4 buy_trde_ori_4 buy_trde_qty_4 sel_trde_ori_nm_5 sel_trde_ori_5 "
            "sel_trde_qty_5 buy_trde_ori_nm_5 buy_trde_ori_5 buy_trde_qty_5"
        ),
        "",
    ),
    "ka10008": (
        "stk_frgnr",
        "stk_cd=005930",
        "",
        (
            "dt close_pric pred_pre trde_qty chg_qty poss_stkcnt wght gain_pos_stkcnt "
            "frgnr_limit frgnr_limit_irds limit_exh_rt"
        ),
    ),
    "ka10009": (
        "",
        "stk_cd=005930",
        ("date close_pric pre orgn_dt_acc orgn_daly_nettrde frgnr_daly_nettrde frgnr_qota_rt"),
        "",
    ),
    "ka10014": (
        "shrts_trnsn",
        "stk_cd=005930 tm_tp=1 strt_dt=20250901 end_dt=20250902",
        "",
        (
            "dt close_pric pred_pre_sig pred_pre flu_rt trde_qty shrts_qty ovr_shrts_qty "
            "trde_wght shrts_trde_prica shrts_avg_pric"
        ),
    ),
    "ka10025": (
        "prps_cnctr",
        "mrkt_tp=000 prps_cnctr_rt=50 cur_prc_entry=0 prpscnt=10 cycle_tp=50 stex_tp=3",
        "",
        (
            "stk_cd stk_nm cur_prc pred_pre_sig pred_pre flu_rt now_trde_qty pric_strt "
            "pric_end prps_qty prps_rt"
        ),
    ),
    "ka10034": (
        "for_dt_trde_upper",
        "mrkt_tp=001 trde_tp=2 dt=0 stex_tp=1",
        "",
        (
            "rank stk_cd stk_nm cur_prc pred_pre_sig pred_pre sel_bid buy_bid trde_qty "
            "netprps_qty gain_pos_stkcnt"
        ),
    ),
    "ka10035": (
        "for_cont_nettrde_upper",
        "mrkt_tp=000 trde_tp=2 base_dt_tp=1 stex_tp=1",
        "",
        (
            "stk_cd stk_nm cur_prc pred_pre_sig pred_pre dm1 dm2 dm3 tot limit_exh_rt "
            "pred_pre_1 pred_pre_2 pred_pre_3"
        ),
    ),
    "ka10036": (
        "for_limit_exh_rt_incrs_upper",
        "mrkt_tp=000 dt=1 stex_tp=1",
        "",
        (
            "rank stk_cd stk_nm cur_prc pred_pre_sig pred_pre trde_qty poss_stkcnt "
            "gain_pos_stkcnt base_limit_exh_rt limit_exh_rt exh_rt_incrs"
        ),
    ),
    "ka10037": (
        "frgn_wicket_trde_upper",
        "mrkt_tp=000 dt=0 trde_tp=1 sort_tp=2 stex_tp=1",
        "",
        (
            "rank stk_cd stk_nm cur_prc pred_pre_sig pred_pre flu_rt sel_trde_qty "
            "buy_trde_qty netprps_trde_qty netprps_prica trde_qty trde_prica"
        ),
    ),
    "ka10038": (
        "stk_sec_rank",
        "stk_cd=005930 strt_dt=20250901 end_dt=20250902 qry_tp=2 dt=1",
        "rank_1 rank_2 rank_3 prid_trde_qty",
        "rank mmcm_nm buy_qty sell_qty acc_netprps_qty",
    ),
    "ka10039": (
        "sec_trde_upper",
        "mmcm_cd=001 trde_qty_tp=0 trde_tp=1 dt=1 stex_tp=3",
        "",
        (
            "rank stk_cd stk_nm prid_stkpc_flu flu_rt prid_trde_qty netprps buy_trde_qty "
            "sel_trde_qty netprps_amt buy_amt sell_amt"
        ),
    ),
    "ka10040": (
        "tdy_main_trde_ori",
        "stk_cd=005930",
        (
            "sel_trde_ori_irds_1 sel_trde_ori_qty_1 sel_trde_ori_1 sel_trde_ori_cd_1 "
            "buy_trde_ori_1 buy_trde_ori_cd_1 buy_trde_ori_qty_1 buy_trde_ori_irds_1 "
            "sel_trde_ori_irds_2 sel_trde_ori_qty_2 sel_trde_ori_2 sel_trde_ori_cd_2 "
            "buy_trde_ori_2 buy_trde_ori_cd_2 buy_trde_ori_qty_2 buy_trde_ori_irds_2 "
            "sel_trde_ori_irds_3 sel_trde_ori_qty_3 sel_trde_ori_3 sel_trde_ori_cd_3 "
            "buy_trde_ori_3 buy_trde_ori_cd_3 buy_trde_ori_qty_3 buy_trde_ori_irds_3 "
            "sel_trde_ori_irds_4 sel_trde_ori_qty_4 sel_trde_ori_4 sel_trde_ori_cd_4 "
            "buy_trde_ori_4 buy_trde_ori_cd_4 buy_trde_ori_qty_4 buy_trde_ori_irds_4 "
            "sel_trde_ori_irds_5 sel_trde_ori_qty_5 sel_trde_ori_5 sel_trde_ori_cd_5 "
            "buy_trde_ori_5 buy_trde_ori_cd_5 buy_trde_ori_qty_5 buy_trde_ori_irds_5 "
            "frgn_sel_prsm_sum_chang frgn_sel_prsm_sum frgn_buy_prsm_sum "
            "frgn_buy_prsm_sum_chang"
        ),
        "",
    ),
    "ka10042": (
        "netprps_trde_ori_rank",
        ("stk_cd=005930 strt_dt=20250901 end_dt=20250902 qry_dt_tp=0 pot_tp=0 dt=5 sort_base=1"),
        "",
        "rank mmcm_cd mmcm_nm",
    ),
    "ka10043": (
        "trde_ori_prps_anly",
        (
            "stk_cd=005930 strt_dt=20250901 end_dt=20250902 qry_dt_tp=0 pot_tp=0 dt=5 "
            "sort_base=1 mmcm_cd=36 stex_tp=3"
        ),
        "",
        ("dt close_pric pre_sig pred_pre sel_qty buy_qty netprps_qty trde_qty_sum trde_wght"),
    ),
    "ka10044": (
        "daly_orgn_trde_stk",
        "strt_dt=20250901 end_dt=20250902 trde_tp=1 mrkt_tp=001 stex_tp=3",
        "",
        "stk_cd stk_nm netprps_qty netprps_amt prsm_avg_pric cur_prc avg_pric_pre pre_rt",
    ),
    "ka10045": (
        "stk_orgn_trde_trnsn",
        ("stk_cd=005930 strt_dt=20250901 end_dt=20250902 orgn_prsm_unp_tp=1 for_prsm_unp_tp=1"),
        "orgn_prsm_avg_pric for_prsm_avg_pric",
        (
            "dt close_pric pre_sig pred_pre flu_rt trde_qty orgn_dt_acc orgn_daly_nettrde_qty "
            "for_dt_acc for_daly_nettrde_qty limit_exh_rt"
        ),
    ),
    "ka10053": (
        "tdy_upper_scesn_ori",
        "stk_cd=005930",
        "",
        (
            "sel_scesn_tm sell_qty sel_upper_scesn_ori buy_scesn_tm buy_qty "
            "buy_upper_scesn_ori qry_dt qry_tm"
        ),
    ),
    "ka10058": (
        "invsr_daly_trde_stk",
        "strt_dt=20250901 end_dt=20250902 trde_tp=2 mrkt_tp=001 invsr_tp=8000 stex_tp=3",
        "",
        (
            "stk_cd stk_nm netslmt_qty netslmt_amt prsm_avg_pric cur_prc pre_sig pred_pre "
            "avg_pric_pre pre_rt dt_trde_qty"
        ),
    ),
    "ka10059": (
        "stk_invsr_orgn",
        "dt=20250902 stk_cd=005930 amt_qty_tp=1 trde_tp=0 unit_tp=1000",
        "",
        (
            "dt cur_prc pre_sig pred_pre flu_rt acc_trde_qty acc_trde_prica ind_invsr "
            "frgnr_invsr orgn fnnc_invt insrnc invtrt etc_fnnc bank penfnd_etc samo_fund natn "
            "etc_corp natfor"
        ),
    ),
    "ka10060": (
        "stk_invsr_orgn_chart",
        "dt=20250902 stk_cd=005930 amt_qty_tp=1 trde_tp=0 unit_tp=1000",
        "",
        (
            "dt cur_prc pred_pre acc_trde_prica ind_invsr frgnr_invsr orgn fnnc_invt insrnc "
            "invtrt etc_fnnc bank penfnd_etc samo_fund natn etc_corp natfor"
        ),
    ),
    "ka10061": (
        "stk_invsr_orgn_tot",
        ("stk_cd=005930 strt_dt=20250901 end_dt=20250902 amt_qty_tp=1 trde_tp=0 unit_tp=1000"),
        "",
        (
            "ind_invsr frgnr_invsr orgn fnnc_invt insrnc invtrt etc_fnnc bank penfnd_etc "
            "samo_fund natn etc_corp natfor"
        ),
    ),
    "ka10062": (
        "eql_nettrde_rank",
        ("strt_dt=20250901 end_dt=20250902 mrkt_tp=000 trde_tp=1 sort_cnd=1 unit_tp=1 stex_tp=3"),
        "",
        (
            "stk_cd rank stk_nm cur_prc pre_sig pred_pre flu_rt acc_trde_qty orgn_nettrde_qty "
            "orgn_nettrde_amt orgn_nettrde_avg_pric for_nettrde_qty for_nettrde_amt "
            "for_nettrde_avg_pric nettrde_qty nettrde_amt"
        ),
    ),
    "ka10063": (
        "opmr_invsr_trde",
        "mrkt_tp=000 amt_qty_tp=1 invsr=6 frgn_all=0 smtm_netprps_tp=0 stex_tp=3",
        "",
        (
            "stk_cd stk_nm cur_prc pre_sig pred_pre flu_rt acc_trde_qty netprps_qty "
            "prev_pot_netprps_qty netprps_irds buy_qty buy_qty_irds sell_qty sell_qty_irds "
            "netprps_amt prev_netprps_amt buy_amt netprps_amt_irds buy_amt_irds sell_amt "
            "sell_amt_irds"
        ),
    ),
    "ka10064": (
        "opmr_invsr_trde_chart",
        "mrkt_tp=000 amt_qty_tp=1 trde_tp=0 stk_cd=005930",
        "",
        "tm frgnr_invsr orgn invtrt insrnc bank penfnd_etc etc_corp natn",
    ),
    "ka10065": (
        "opmr_invsr_trde_upper",
        "trde_tp=1 mrkt_tp=000 orgn_tp=9000",
        "",
        "stk_cd stk_nm sel_qty buy_qty netslmt",
    ),
    "ka10066": (
        "opaf_invsr_trde",
        "mrkt_tp=000 amt_qty_tp=1 trde_tp=0 stex_tp=3",
        "",
        (
            "stk_cd stk_nm cur_prc pre_sig pred_pre flu_rt trde_qty ind_invsr frgnr_invsr "
            "orgn fnnc_invt insrnc invtrt etc_fnnc bank penfnd_etc samo_fund natn etc_corp"
        ),
    ),
    "ka10078": (
        "sec_stk_trde_trend",
        "mmcm_cd=001 stk_cd=005930 strt_dt=20250901 end_dt=20250902",
        "",
        "dt cur_prc pre_sig pred_pre flu_rt acc_trde_qty netprps_qty buy_qty sell_qty",
    ),
    "ka10102": (
        "list",
        "",
        "",
        "code name gb",
    ),
    "ka10131": (
        "orgn_frgnr_cont_trde_prst",
        (
            "dt=1 strt_dt=20250901 end_dt=20250902 mrkt_tp=001 netslmt_tp=2 stk_inds_tp=0 "
            "amt_qty_tp=0 stex_tp=1"
        ),
        "",
        (
            "rank stk_cd stk_nm prid_stkpc_flu_rt orgn_nettrde_amt orgn_nettrde_qty "
            "orgn_cont_netprps_dys orgn_cont_netprps_qty orgn_cont_netprps_amt "
            "frgnr_nettrde_qty frgnr_nettrde_amt frgnr_cont_netprps_dys "
            "frgnr_cont_netprps_qty frgnr_cont_netprps_amt nettrde_qty nettrde_amt "
            "tot_cont_netprps_dys tot_cont_nettrde_qty tot_cont_netprps_amt"
        ),
    ),
    "ka90001": (
        "thema_grp",
        "qry_tp=0 date_tp=10 flu_pl_amt_tp=1 stex_tp=1",
        "",
        (
            "thema_grp_cd thema_nm stk_num flu_sig flu_rt rising_stk_num fall_stk_num "
            "dt_prft_rt main_stk"
        ),
    ),
    "ka90002": (
        "thema_comp_stk",
        "date_tp=2 thema_grp_cd=THEME stex_tp=1",
        "flu_rt dt_prft_rt",
        (
            "stk_cd stk_nm cur_prc flu_sig pred_pre flu_rt acc_trde_qty sel_bid sel_req "
            "buy_bid buy_req dt_prft_rt_n"
        ),
    ),
    "ka90003": (
        "prm_netprps_upper_50",
        "trde_upper_tp=1 amt_qty_tp=1 mrkt_tp=P00101 stex_tp=1",
        "",
        (
            "rank stk_cd stk_nm cur_prc flu_sig pred_pre flu_rt acc_trde_qty prm_sell_amt "
            "prm_buy_amt prm_netprps_amt"
        ),
    ),
    "ka90004": (
        "stk_prm_trde_prst",
        "dt=20250902 mrkt_tp=P00101 stex_tp=1",
        "tot_1 tot_2 tot_3 tot_4 tot_5 tot_6",
        (
            "stk_cd stk_nm cur_prc flu_sig pred_pre buy_cntr_qty buy_cntr_amt sel_cntr_qty "
            "sel_cntr_amt netprps_prica all_trde_rt"
        ),
    ),
    "ka90005": (
        "prm_trde_trnsn",
        "date=20250902 amt_qty_tp=1 mrkt_tp=P00101 min_tic_tp=1 stex_tp=1",
        "",
        (
            "cntr_tm dfrt_trde_sel dfrt_trde_buy dfrt_trde_netprps ndiffpro_trde_sel "
            "ndiffpro_trde_buy ndiffpro_trde_netprps dfrt_trde_sell_qty dfrt_trde_buy_qty "
            "dfrt_trde_netprps_qty ndiffpro_trde_sell_qty ndiffpro_trde_buy_qty "
            "ndiffpro_trde_netprps_qty all_sel all_buy all_netprps kospi200 basis"
        ),
    ),
    "ka90006": (
        "prm_trde_dfrt_remn_trnsn",
        "date=20250902 stex_tp=3",
        "",
        (
            "dt buy_dfrt_trde_qty buy_dfrt_trde_amt buy_dfrt_trde_irds_amt sel_dfrt_trde_qty "
            "sel_dfrt_trde_amt sel_dfrt_trde_irds_amt"
        ),
    ),
    "ka90007": (
        "prm_trde_acc_trnsn",
        "date=20250902 amt_qty_tp=1 mrkt_tp=0 stex_tp=3",
        "",
        (
            "dt kospi200 basis dfrt_trde_tdy dfrt_trde_acc ndiffpro_trde_tdy "
            "ndiffpro_trde_acc all_tdy all_acc"
        ),
    ),
    "ka90008": (
        "stk_tm_prm_trde_trnsn",
        "amt_qty_tp=1 stk_cd=005930 date=20250902",
        "",
        (
            "tm cur_prc pre_sig pred_pre flu_rt trde_qty prm_sell_amt prm_buy_amt "
            "prm_netprps_amt prm_netprps_amt_irds prm_sell_qty prm_buy_qty prm_netprps_qty "
            "prm_netprps_qty_irds base_pric_tm dbrt_trde_rpy_sum remn_rcvord_sum stex_tp"
        ),
    ),
    "ka90009": (
        "frgnr_orgn_trde_upper",
        "mrkt_tp=000 amt_qty_tp=1 qry_dt_tp=1 date=20250902 stex_tp=1",
        "",
        (
            "for_netslmt_stk_cd for_netslmt_stk_nm for_netslmt_amt for_netslmt_qty "
            "for_netprps_stk_cd for_netprps_stk_nm for_netprps_amt for_netprps_qty "
            "orgn_netslmt_stk_cd orgn_netslmt_stk_nm orgn_netslmt_amt orgn_netslmt_qty "
            "orgn_netprps_stk_cd orgn_netprps_stk_nm orgn_netprps_amt orgn_netprps_qty"
        ),
    ),
    "ka90010": (
        "prm_trde_trnsn",
        "date=20250902 amt_qty_tp=1 mrkt_tp=P00101 min_tic_tp=0 stex_tp=1",
        "",
        (
            "cntr_tm dfrt_trde_sel dfrt_trde_buy dfrt_trde_netprps ndiffpro_trde_sel "
            "ndiffpro_trde_buy ndiffpro_trde_netprps dfrt_trde_sell_qty dfrt_trde_buy_qty "
            "dfrt_trde_netprps_qty ndiffpro_trde_sell_qty ndiffpro_trde_buy_qty "
            "ndiffpro_trde_netprps_qty all_sel all_buy all_netprps kospi200 basis"
        ),
    ),
    "ka90013": (
        "stk_daly_prm_trde_trnsn",
        "stk_cd=005930",
        "",
        (
            "dt cur_prc pre_sig pred_pre flu_rt trde_qty prm_sell_amt prm_buy_amt "
            "prm_netprps_amt prm_netprps_amt_irds prm_sell_qty prm_buy_qty prm_netprps_qty "
            "prm_netprps_qty_irds base_pric_tm dbrt_trde_rpy_sum remn_rcvord_sum stex_tp"
        ),
    ),
    "kt00013": (
        "",
        "",
        (
            "tdy_reu_objt_amt tdy_reu_use_amt tdy_reu_alowa tdy_reu_lmtt_amt "
            "tdy_reu_alowa_fin pred_reu_objt_amt pred_reu_use_amt pred_reu_alowa "
            "pred_reu_lmtt_amt pred_reu_alowa_fin ch_amt ch_profa use_pos_ch ch_use_lmtt_amt "
            "use_pos_ch_fin repl_amt_amt repl_profa use_pos_repl repl_use_lmtt_amt "
            "use_pos_repl_fin crd_grnta_ch crd_grnta_repl crd_grnt_ch crd_grnt_repl uncla "
            "ls_grnt_reu_gold 20ord_alow_amt 30ord_alow_amt 40ord_alow_amt 50ord_alow_amt "
            "60ord_alow_amt 100ord_alow_amt tdy_crd_rpya_loss_amt pred_crd_rpya_loss_amt "
            "tdy_ls_rpya_loss_repl_profa pred_ls_rpya_loss_repl_profa "
            "evlt_repl_amt_spg_use_skip evlt_repl_rt crd_repl_profa ch_ord_repl_profa "
            "crd_ord_repl_profa crd_repl_conv_gold repl_alowa repl_alowa_2 ch_repl_lck_gold "
            "crd_repl_lck_gold ch_ord_alow_repla crd_ord_alow_repla d2vexct_entr "
            "d2ch_ord_alow_amt"
        ),
        "",
    ),
}
"""
The list, what is asked for, single fields, columns of the list.

Source: the broker's list of the interface and its samples, editions of 2025 and April 2026.
"""
